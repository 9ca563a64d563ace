"""Tokens: how long the keeper may ask."""

from __future__ import annotations

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

from pydantic import AwareDatetime

from workshop.event.coder.answers import Answer
from workshop.event.coder.connection import Connection
from workshop.event.coder.errors import CoderRefused

_MICROSECOND: Final = timedelta(microseconds=1)


class Token(Answer):
    """A token, without its secret. token_name: is the account's own, no two have the same."""

    id: str
    token_name: str
    expires_at: AwareDatetime


class _Key(Answer):
    key: str


class Tokens(Connection):
    """The tokens of an account; "me" is the one that asks. Only owners may ask for others."""

    def tokens(self, user: str = "me") -> list[Token]:
        """Those that have not been revoked."""
        return self._list(Token, "/users/{user}/keys/tokens", user)

    def expires_at(self) -> datetime | None:
        """When the token in use ends; None where Coder does not list it, as a session's."""
        return next((one.expires_at for one in self.tokens() if one.id == self._token_id), None)

    def create_token(self, lifetime: timedelta, name: str, user: str = "me") -> str:
        """A new token. Coder lets owners have 168 hours at most. Raises CoderRefused with status 409 for a name in use.

        Where it is not known whether one was made (CoderUnreachable), take another name, and revoke this one later.
        """
        body = {"lifetime": lifetime // _MICROSECOND * 1000, "scope": "all", "token_name": name}  # nanoseconds
        return self._read(_Key, self._send("POST", "/users/{user}/keys/tokens", user, body=body)).key

    def revoke_token(self, token_id: str, user: str = "me") -> None:
        """See to it that a token is of no use any more. token_id: what stands before the hyphen in it."""
        try:
            self._send("DELETE", "/users/{user}/keys/{key}", user, token_id)
        except CoderRefused as refused:
            if refused.status != HTTPStatus.NOT_FOUND:
                raise
