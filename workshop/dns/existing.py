"""The records that a zone has at Cloudflare, at or under the domains that are ours; no other name is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Final

import httpx
from pydantic import BaseModel, TypeAdapter, ValidationError

from workshop.model.observations import ExistingRecord
from workshop.model.zones.file import is_under

CLOUDFLARE: Final = "https://api.cloudflare.com/client/v4"
_PER_PAGE: Final = 1000
_TRIES: Final = 3
_LONGEST_WAIT_SECONDS: Final = 300
"""Cloudflare's own: after too many requests it answers none for five minutes."""


class NoRecords(Exception):
    """The records can't be read; the message says why and how to fix it."""


class _Record(BaseModel):
    id: str
    name: str
    type: str
    content: str = ""
    ttl: int
    proxied: bool = False
    comment: str | None = None


class _Pages(BaseModel):
    total_pages: int = 1


class _Envelope(BaseModel):
    result: list[_Record]
    result_info: _Pages = _Pages()


_ENVELOPE: Final = TypeAdapter(_Envelope)


def existing_records(
    client: httpx.Client,
    zone: str,
    zone_id: str,
    domains: tuple[str, ...],
    wait: Callable[[float], None],
) -> tuple[ExistingRecord, ...]:
    """Every record in scope. wait: for so many seconds, after too many requests. Raises NoRecords."""
    found = {
        record.id: ExistingRecord(
            zone=zone,
            id=record.id,
            name=record.name,
            type=record.type,
            content=record.content,
            ttl_seconds=record.ttl,
            is_proxied=record.proxied,
            comment=record.comment or "",
        )
        for domain in domains
        for record in _under(client, zone_id, domain, wait)
        if is_under(record.name, domain)
    }
    return tuple(sorted(found.values(), key=lambda record: (record.name, record.type, record.content)))


def _under(client: httpx.Client, zone_id: str, domain: str, wait: Callable[[float], None]) -> Iterator[_Record]:
    page = pages = 1
    while page <= pages:
        query = {"name.endswith": domain, "page": str(page), "per_page": str(_PER_PAGE), "order": "name"}
        envelope = _page(client, f"zones/{zone_id}/dns_records", query, wait)
        yield from envelope.result
        page, pages = page + 1, envelope.result_info.total_pages


def _page(client: httpx.Client, path: str, query: dict[str, str], wait: Callable[[float], None]) -> _Envelope:
    response = _get(client, path, query)
    for _ in range(_TRIES):
        if response.status_code != HTTPStatus.TOO_MANY_REQUESTS:
            break
        seconds = response.headers.get("retry-after", "")
        wait(min(int(seconds), _LONGEST_WAIT_SECONDS) if seconds.isdecimal() else _LONGEST_WAIT_SECONDS)
        response = _get(client, path, query)
    if response.status_code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise NoRecords("Cloudflare does not accept the token: export CLOUDFLARE_API_TOKEN with Zone.DNS read")
    if not response.is_success:
        raise NoRecords(f"Cloudflare answered {response.status_code} to {path}: {response.text[:200]}")
    try:
        return _ENVELOPE.validate_json(response.content)
    except ValidationError as error:
        raise NoRecords(f"Cloudflare sent an unexpected response to {path}: {error.errors()[0]['msg']}") from None


def _get(client: httpx.Client, path: str, query: dict[str, str]) -> httpx.Response:
    try:
        return client.get(path, params=query)
    except httpx.HTTPError as error:
        raise NoRecords(f"Cloudflare at {client.base_url} can't be reached: {error}") from None
