"""The keys that the sandbox's LiteLLM has issued: by hash, since LiteLLM keeps no key in clear."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from pydantic import AwareDatetime, BaseModel, ConfigDict

from workshop.sandbox.json_values import Json


def master_key(token: str) -> str:
    """Of the sandbox whose token this is; the cluster's Secret `litellm.env` is seeded with it."""
    return f"sk-{token}"


_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_DURATION: Final = re.compile(r"(\d+)([smhdw])")


class Key(BaseModel):
    """One key as its record in LiteLLM's database. expires: None for one that never does."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key_name: str
    key_alias: str | None = None
    user_id: str | None = None
    expires: AwareDatetime | None = None
    created_at: AwareDatetime
    metadata: Mapping[str, Json] = {}
    soft_budget: float | None = None
    max_budget: float | None = None
    spend: float = 0
    blocked: bool | None = None

    def as_info(self) -> dict[str, Json]:
        """What /key/info answers of it: the columns that this project, or a person, may look for."""
        return {
            **self.model_dump(mode="json"),
            "models": [],
            "aliases": {},
            "config": {},
            "team_id": None,
            "permissions": {},
            "updated_at": self.model_dump(mode="json")["created_at"],
            "litellm_budget_table": None if self.soft_budget is None else {"soft_budget": self.soft_budget},
        }


class Contents(BaseModel):
    """litellm.json. keys: by hash. users: their ids."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    keys: Mapping[str, Key] = {}
    users: tuple[str, ...] = ()


def hashed(token: str) -> str:
    """As LiteLLM names a key in its database."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_key(request: Mapping[str, Json], now: datetime) -> tuple[str, Key]:
    """A key and its record. Raises ValueError for a duration that LiteLLM does not read."""
    token = f"sk-{secrets.token_urlsafe(16)}"
    return token, Key(
        key_name=f"sk-...{token[-4:]}",
        key_alias=request.get("key_alias"),
        user_id=request.get("user_id"),
        expires=expiry(request.get("duration"), now),
        created_at=now,
        metadata=request.get("metadata") or {},
        soft_budget=request.get("soft_budget"),
        max_budget=request.get("max_budget"),
    )


def expiry(duration: str | None, now: datetime) -> datetime | None:
    """When a key of this duration expires. Raises ValueError."""
    if duration is None:
        return None
    match = _DURATION.fullmatch(duration)
    if match is None:
        raise ValueError("Invalid duration format")
    return now + timedelta(seconds=int(match[1]) * _UNITS[match[2]])
