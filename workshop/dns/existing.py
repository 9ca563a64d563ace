"""The records that a zone has at Cloudflare, at or under the domains that are ours; no other name is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http import HTTPStatus
from itertools import count
from typing import Final, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from workshop.model.observations import ExistingRecord
from workshop.model.retries import seconds_to_wait
from workshop.model.zones.file import is_under

T = TypeVar("T", bound=BaseModel)

CLOUDFLARE: Final = "https://api.cloudflare.com/client/v4"
_PER_PAGE: Final = 1000

Wait = Callable[[float, str], None]
"""Lets so many seconds pass, and says why."""


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


class _Zone(BaseModel):
    id: str


class _Zones(BaseModel):
    result: list[_Zone]


class _Pages(BaseModel):
    total_pages: int = 1


class _Envelope(BaseModel):
    result: list[_Record]
    result_info: _Pages = _Pages()


def zone_id_of(client: httpx.Client, name: str, wait: Wait) -> str | None:
    """The id of the one zone of that name that the token can read, None where there is no such. Raises NoRecords."""
    found = _read(client, "zones", {"name": name}, wait, _Zones).result
    return found[0].id if len(found) == 1 else None


def existing_records(
    client: httpx.Client,
    zone: str,
    zone_id: str,
    domains: tuple[str, ...],
    wait: Wait,
) -> tuple[ExistingRecord, ...]:
    """Every record in scope. wait: called before a request is repeated. Raises NoRecords."""
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


def _under(client: httpx.Client, zone_id: str, domain: str, wait: Wait) -> Iterator[_Record]:
    page = pages = 1
    while page <= pages:
        query = {"name.endswith": domain, "page": str(page), "per_page": str(_PER_PAGE), "order": "name"}
        envelope = _read(client, f"zones/{zone_id}/dns_records", query, wait, _Envelope)
        yield from envelope.result
        if not envelope.result:
            return
        page, pages = page + 1, envelope.result_info.total_pages


def _read(client: httpx.Client, path: str, query: dict[str, str], wait: Wait, shape: type[T]) -> T:
    response = _get(client, path, query, wait)
    if response.status_code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise NoRecords("Cloudflare does not accept the token: export CLOUDFLARE_API_TOKEN with Zone.DNS read")
    if not response.is_success:
        raise NoRecords(f"Cloudflare answered {response.status_code} to {path}: {response.text[:200]}")
    try:
        return shape.model_validate_json(response.content)
    except ValidationError as error:
        raise NoRecords(f"Cloudflare sent an unexpected response to {path}: {error.errors()[0]['msg']}") from None


def _get(client: httpx.Client, path: str, query: dict[str, str], wait: Wait) -> httpx.Response:
    """The answer, after as many tries as a busy or failing system is worth."""
    for tries in count():
        try:
            response = client.get(path, params=query)
            status, retry_after = response.status_code, response.headers.get("retry-after", "")
            seconds = seconds_to_wait(status, retry_after, tries)
            if seconds is None:
                return response
        except httpx.TimeoutException as error:
            status, seconds = None, seconds_to_wait(None, "", tries)
            if seconds is None:
                raise NoRecords(f"Cloudflare at {client.base_url} does not answer in time: {error}") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NoRecords(f"Cloudflare at {client.base_url} can't be reached: {error}") from None
        wait(seconds, _why(status))
    raise AssertionError  # count() does not end


def _why(status: int | None) -> str:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return "Cloudflare takes no more requests at the moment"
    return "Cloudflare does not answer in time" if status is None else f"Cloudflare answered {status}"
