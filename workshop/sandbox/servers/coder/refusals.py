"""What Coder answers where it doesn't do what was asked, in its own words (recorded from 2.25.1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from workshop.sandbox.json_values import Json

HIDDEN: Final = "Resource not found or you do not have access to this resource"
_SIGNED_OUT: Final = "You are signed out or your session has expired. Please sign in again to continue."
_FORBIDDEN: Final = "unauthorized: rbac: forbidden"


class Refusal(Exception):
    """Ends a request with a Response object of Coder's. message None: without a body."""

    def __init__(
        self,
        status: int,
        message: str | None,
        detail: str = "",
        validations: Sequence[tuple[str, str]] = (),
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message or "")
        self.status = status
        self.headers = {"Retry-After": str(retry_after)} if retry_after is not None else {}
        found = [{"field": field, "detail": wrong} for field, wrong in validations]
        self.body: Json = {
            "message": message,
            **({"detail": detail} if detail else {}),
            **({"validations": found} if found else {}),
        }
        if message is None:
            self.body = None


def hidden() -> Refusal:
    """Of what is not there, and of what the caller may not see."""
    return Refusal(404, HIDDEN)


def route_not_found() -> Refusal:
    """Of a path that this build doesn't have."""
    return Refusal(404, "Route not found.")


def signed_out(detail: str) -> Refusal:
    """Of somebody without a session."""
    return Refusal(401, _SIGNED_OUT, detail)


def invalid_json(detail: str) -> Refusal:
    """Of a body that can't be read."""
    return Refusal(400, "Request body must be valid JSON.", detail)


def invalid(*fields: tuple[str, str, str]) -> Refusal:
    """Of a body with wrong values: field, the tag of its rule, the value."""
    wrong = [(name, f'Validation failed for tag "{tag}" with value: "{value}"') for name, tag, value in fields]
    return Refusal(400, "Validation failed.", validations=wrong)


def invalid_query(field: str, detail: str) -> Refusal:
    """Of limit and offset."""
    wrong = f'Query param "{field}" must be a valid 32-bit positive integer: {detail}'
    return Refusal(400, "Query parameters have invalid values.", validations=[(field, wrong)])


def unknown_user(given: str) -> Refusal:
    """Of a user that is not there, or that the caller may not see."""
    return Refusal(400, '"user" must be an existing uuid or username.', f'queried user="{given}"')


def forbidden_inside(message: str, doing: str) -> Refusal:
    """Where a right is missing that Coder finds out about only while it works."""
    return Refusal(500, message, f"{doing}: {_FORBIDDEN}")
