"""Passwords and API keys: `ID-SECRET`, of which only a hash is kept."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import string
from datetime import datetime, timedelta
from typing import Final, Literal

from workshop.sandbox.servers.coder.refusals import signed_out
from workshop.sandbox.servers.coder.state import Contents, Key, User

_ALPHABET: Final = string.ascii_letters + string.digits
_ID_LENGTH: Final = 10
_SECRET_LENGTH: Final = 22
_PASSWORD_LENGTH: Final = 8


def new_key(
    contents: Contents,
    owner: User,
    now: datetime,
    lifetime: timedelta,
    *,
    name: str = "",
    scope: Literal["all", "application_connect"] = "all",
    is_token: bool = True,
) -> str:
    """Makes a key and answers what its owner has to show."""
    key_id, secret = _random(_ID_LENGTH), _random(_SECRET_LENGTH)
    contents.keys[key_id] = Key(
        id=key_id,
        user_id=owner.id,
        secret=hashed(secret),
        name=name,
        scope=scope,
        is_token=is_token,
        lifetime_seconds=int(lifetime.total_seconds()),
        created_at=now,
        expires_at=now + lifetime,
    )
    return f"{key_id}-{secret}"


def find_key(contents: Contents, shown: str, now: datetime) -> Key:
    """The key that somebody shows. Raises Refusal where it is none, or has ended."""
    parts = shown.split("-")
    if len(parts) != 2:
        expected = "incorrect amount of API key parts, expected 2 got"
        raise signed_out(f"Invalid API key format: {expected} {len(parts)}")
    key = contents.keys.get(parts[0])
    if key is None or not hmac.compare_digest(key.secret, hashed(parts[1])):
        raise signed_out("API key is invalid.")
    if key.expires_at <= now:
        raise signed_out(f'API key expired at "{key.expires_at.isoformat()}".')
    return key


def drop_keys(contents: Contents, owner: User) -> None:
    """Ends every session and token of somebody."""
    for key_id in [key.id for key in contents.keys.values() if key.user_id == owner.id]:
        del contents.keys[key_id]


def hashed(secret: str) -> str:
    """As Coder keeps keys; enough for passwords here, which are made up."""
    return hashlib.sha256(secret.encode()).hexdigest()


def is_strong(password: str) -> bool:
    """About what Coder asks for: it measures entropy."""
    return len(password) >= _PASSWORD_LENGTH


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
