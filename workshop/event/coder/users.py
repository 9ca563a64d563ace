"""Accounts."""

from __future__ import annotations

import secrets
from http import HTTPStatus
from typing import Final, Literal

from workshop.event.coder.answers import Answer, Listed, Page, Time
from workshop.event.coder.connection import Connection
from workshop.event.coder.errors import CoderRefused, CoderUnreachable

_PASSWORD_BYTES: Final = 32
"""43 characters, which Coder takes for strong (64 at most)."""

LoginType = Literal["github", "none", "oidc", "password"]


class Role(Answer):
    """By the name that the API knows it by."""

    name: str


class User(Listed):
    """An account.

    status: active, suspended, or dormant until its first login. last_seen_at: of its last call, None before the first,
    which comes a little after the login.
    """

    username: str
    email: str
    name: str = ""
    status: str
    login_type: str
    last_seen_at: Time = None
    organization_ids: tuple[str, ...] = ()
    roles: tuple[Role, ...] = ()


class Users(Connection):
    """Coder's accounts. A username that is unknown and one that may not be seen are the same to Coder."""

    def user(self, username: str) -> User | None:
        """An account; None if there is none. E-mail addresses are not known here: see `user_of`."""
        try:
            return self._get(User, "/users/{user}", username)
        except CoderRefused as refused:
            if refused.is_unknown_user:
                return None
            raise

    def users(self, query: str = "") -> list[User]:
        """Accounts that a search finds: part of a username or e-mail address, or for example status:dormant."""
        return self._pages(Page[User], "/users", query)

    def user_of(self, email: str) -> User | None:
        """The account of an e-mail address, in whatever case; for many, `users` takes one call."""
        return next((one for one in self.users(email) if one.email.casefold() == email.casefold()), None)

    def create_user(
        self, username: str, email: str, *, name: str = "", login_type: LoginType, organization_id: str
    ) -> User:
        """The account of this username and address, made if there is none; dormant until its first login.

        One that logs in by password has a random one, which nobody knows: its person sets another by Coder's mail.
        Raises CoderRefused with status 409 if either belongs to another account. Nobody is mailed.
        """
        body = {
            "username": username,
            "email": email,
            "name": name,
            "login_type": login_type,
            "organization_ids": [organization_id],
            **({"password": secrets.token_urlsafe(_PASSWORD_BYTES)} if login_type == "password" else {}),
        }
        try:
            return self._read(User, self._send("POST", "/users", body=body))
        except (CoderRefused, CoderUnreachable) as error:
            if isinstance(error, CoderRefused) and error.status != HTTPStatus.CONFLICT:
                raise
            found = self.user(username)
            if found is None or found.email.casefold() != email.casefold():
                raise
            return found

    def delete_user(self, username: str) -> None:
        """See to it that there is no such account. Raises CoderRefused with status 417 while it has workspaces."""
        try:
            self._send("DELETE", "/users/{user}", username)
        except CoderRefused as refused:
            if not refused.is_unknown_user:
                raise
