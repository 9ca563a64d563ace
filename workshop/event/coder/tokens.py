"""Tokens: how long the keeper may ask."""

from __future__ import annotations

from datetime import datetime

from pydantic import AwareDatetime

from workshop.event.coder.answers import Answer
from workshop.event.coder.connection import Connection


class Token(Answer):
    """A token, without its secret. token_name: is the account's own, no two have the same."""

    id: str
    token_name: str
    expires_at: AwareDatetime


class Tokens(Connection):
    """Tokens of the account that asks."""

    def tokens(self) -> list[Token]:
        """Those that have not been revoked."""
        return self._list(Token, "/users/{user}/keys/tokens", "me")

    def expires_at(self) -> datetime | None:
        """When the token in use ends; None where Coder does not list it, as a session's."""
        return next((one.expires_at for one in self.tokens() if one.id == self._token_id), None)
