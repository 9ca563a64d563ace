"""What can go wrong with a call to Coder. No message has a token, or names a person."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

_PERSONAL: Final = frozenset({"email", "username", "name"})
"""Fields whose values Coder repeats when it refuses them."""


_UNKNOWN_USER: Final = (
    (HTTPStatus.NOT_FOUND, "Resource not found or you do not have access to this resource"),
    (HTTPStatus.BAD_REQUEST, '"user" must be an existing uuid or username'),
)


class CoderError(Exception):
    """Coder did not do what it was asked to, or did not say so."""


class CoderUnreachable(CoderError):
    """No answer, or one that says nothing: what was asked for may or may not have been done."""


class UnexpectedAnswer(CoderError):
    """An answer that is not Coder's, or not of a version that is known."""


class RateLimited(CoderError):
    """Nothing was done; this path may be asked again after retry_after seconds."""

    def __init__(self, call: str, retry_after: float) -> None:
        super().__init__(f"{call}: too many calls a minute; again in {retry_after:.0f} s")
        self.retry_after = retry_after


class CoderRefused(CoderError):
    """Nothing was done, and asking again will not help. validations: Coder's reasons, by field of the request."""

    def __init__(
        self, call: str, status: int, message: str, *, detail: str = "", validations: Mapping[str, str] | None = None
    ) -> None:
        self.status = status
        self.message = message
        self.validations = validations or {}
        reasons = [message]
        if detail != message and not self.is_unknown_user:  # which would name it
            reasons.append(detail)
        for field, reason in self.validations.items():
            reasons.append(field if field in _PERSONAL else f"{field}: {reason}")
        if status == HTTPStatus.UNAUTHORIZED:
            reasons.append("give the keeper a new token")
        super().__init__(f"Coder refused {call} ({status}): {'; '.join(one.rstrip('.') for one in reasons if one)}")

    @property
    def is_unknown_user(self) -> bool:
        """Of a call for an account: whether there is none of this username that the token may see.

        Coder 2.31 answers 404, and 400 before (coder/coder#22069).
        """
        return (self.status, self.message.rstrip(".")) in _UNKNOWN_USER


class CoderIgnored(CoderError):
    """Coder answered that it was done, and it was not."""
