"""Keys of LiteLLM, one a seat: each may spend its share, until the event's nodes are gone (LiteLLM 1.72.6)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from http import HTTPStatus
from typing import Any, Final, Self

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from workshop.event.failure import EventFailure
from workshop.model.names import MARK

_TIMEOUT_SECONDS: Final = 15
_PAGE: Final = 100
"""LiteLLM lists no more at a time."""

_MOST_PAGES: Final = 50
_REFUSALS: Final = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


class _Issued(BaseModel):
    model_config = ConfigDict(frozen=True)

    key: str


class _Listed(BaseModel):
    model_config = ConfigDict(frozen=True)

    key_alias: str | None = None
    spend: float = 0
    max_budget: float | None = None
    blocked: bool | None = None
    expires: datetime | None = None


class _Keys(BaseModel):
    model_config = ConfigDict(frozen=True)

    keys: tuple[_Listed, ...]
    total_pages: int


def _problem(key: _Listed | None, now: datetime) -> str:
    if key is None:
        return "its key of models is gone"
    if key.blocked:
        return "its key of models is blocked"
    if key.expires is not None and key.expires.replace(tzinfo=key.expires.tzinfo or UTC) <= now:
        return "its key of models has expired"
    if key.max_budget is not None and key.spend >= key.max_budget:
        return f"its share of models is spent: {key.spend:.2f} of {key.max_budget:.2f} USD"
    return ""


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

    def problems(self, aliases: Collection[str], now: datetime) -> Mapping[str, str]:
        """Why keys do not serve their seats, by alias; one that does is not in it."""
        known: dict[str, _Listed] = {}
        page, pages = 1, 1
        while page <= min(pages, _MOST_PAGES):
            query = {"page": page, "size": _PAGE, "return_full_object": True}
            answer = self._call("GET", "/key/list", params=query)
            self._check(answer, "/key/list")
            try:
                found = _Keys.model_validate_json(answer.content)
            except ValidationError:
                raise EventFailure(f"LiteLLM at {self._url} answered /key/list without a list of keys") from None
            known |= {key.key_alias: key for key in found.keys if key.key_alias and key.key_alias in aliases}
            page, pages = page + 1, found.total_pages
        if pages > _MOST_PAGES:
            raise EventFailure(f"LiteLLM has more than {_MOST_PAGES * _PAGE} keys: those of seats were not looked for")
        problems = {alias: _problem(known.get(alias), now) for alias in aliases}
        return {alias: problem for alias, problem in problems.items() if problem}

    def _ask(self, path: str, body: dict[str, Any]) -> httpx.Response:
        return self._call("POST", path, json=body)

    def _call(self, method: str, path: str, **more: Any) -> httpx.Response:  # noqa: ANN401 - as httpx takes it
        try:
            return self._client.request(method, f"{self._url}{path}", **more)
        except httpx.HTTPError as error:
            raise EventFailure(f"LiteLLM at {self._url} did not answer {path}: {type(error).__name__}") from None

    def _check(self, answer: httpx.Response, path: str) -> None:
        if answer.is_success:
            return
        hint = ": the keeper's master key is not LiteLLM's" if answer.status_code in _REFUSALS else ""
        raise EventFailure(f"LiteLLM at {self._url} answered {answer.status_code} to {path}{hint}")
