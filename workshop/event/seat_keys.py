"""Keys of LiteLLM, one a seat: each may spend its share, until the event's nodes are gone (LiteLLM 1.72.6)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from http import HTTPStatus
from typing import Any, Final, Self

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from workshop.event.failure import EventFailure
from workshop.model.names import MARK

_TIMEOUT_SECONDS: Final = 15
_REFUSALS: Final = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


class _Issued(BaseModel):
    model_config = ConfigDict(frozen=True)

    key: str


class SeatKeys:
    """One event's. Every method raises EventFailure, whose text never has a key."""

    def __init__(self, url: str, master_key: str, *, usd: Decimal, until: datetime) -> None:
        """usd, until: what a key may spend, and when it expires."""
        self._url = url.rstrip("/")
        self._usd = usd
        self._until = until
        headers = {"Authorization": f"Bearer {master_key}"}
        self._client = httpx.Client(headers=headers, timeout=_TIMEOUT_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        self._client.close()

    def issue(self, alias: str, now: datetime) -> str:
        """A new key. Its alias must be free."""
        life = max(self._until - now, timedelta(minutes=1))
        answer = self._ask(
            "/key/generate",
            {
                "key_alias": alias,
                "max_budget": float(self._usd),
                "duration": f"{int(life.total_seconds())}s",
                "metadata": {"managed-by": MARK},
            },
        )
        self._check(answer, "/key/generate")
        try:
            return _Issued.model_validate_json(answer.content).key
        except ValidationError:
            raise EventFailure(f"LiteLLM at {self._url} answered /key/generate without a key") from None

    def revoke(self, aliases: Sequence[str]) -> None:
        """Deletes the keys of these aliases, which replicas forget within a minute. One that is gone is no failure."""
        if not aliases:
            return
        answer = self._ask("/key/delete", {"key_aliases": [*aliases]})
        if answer.status_code != HTTPStatus.NOT_FOUND or b'"error"' not in answer.content:  # as a proxy before it says
            self._check(answer, "/key/delete")

    def _ask(self, path: str, body: dict[str, Any]) -> httpx.Response:
        try:
            return self._client.post(f"{self._url}{path}", json=body)
        except httpx.HTTPError as error:
            raise EventFailure(f"LiteLLM at {self._url} did not answer {path}: {type(error).__name__}") from None

    def _check(self, answer: httpx.Response, path: str) -> None:
        if answer.is_success:
            return
        hint = ": the keeper's master key is not LiteLLM's" if answer.status_code in _REFUSALS else ""
        raise EventFailure(f"LiteLLM at {self._url} answered {answer.status_code} to {path}{hint}")
