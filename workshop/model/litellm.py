"""How LiteLLM refuses a key: only some of its refusals say that the key is no good."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

_REFUSED_TYPES: Final = frozenset({"token_not_found_in_db", "expired_key", "not_found_error"})
"""Types of errors that it answers once its database was read (version 1.72.6, its ProxyErrorTypes)."""

_REFUSED_WORDS: Final = ("Key is blocked", "LiteLLM Virtual Key expected", "No api key passed in")
"""What else it says of the key itself; these come with the type of everything that went wrong, `auth_error`."""


class _Error(BaseModel):
    model_config = ConfigDict(frozen=True)

    type: str = ""
    message: str = ""


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)

    error: _Error


def refuses_key(body: bytes) -> bool:
    """Whether an answer says that the key is no good.

    A 401 alone does not: LiteLLM answers it as well where it can't reach its database, and so may a proxy before it.
    """
    error = _error(body)
    return error.type in _REFUSED_TYPES or any(words in error.message for words in _REFUSED_WORDS)


def error_message(body: bytes) -> str:
    """What went wrong, in LiteLLM's words; "" where it has none."""
    return " ".join(_error(body).message.split())


def _error(body: bytes) -> _Error:
    try:
        return _Answer.model_validate_json(body).error
    except ValidationError:
        return _Error()
