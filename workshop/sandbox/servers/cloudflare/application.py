"""Cloudflare's API, version 4: zones and DNS records, with its envelopes, error codes and rate limit."""

from __future__ import annotations

import hashlib
import json
import math
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from workshop.sandbox.files import write_private
from workshop.sandbox.json_values import Json, is_mapping
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.servers.cloudflare.contents import CloudflareRefusal
from workshop.sandbox.servers.cloudflare.zones import (
    Contents,
    Record,
    Zone,
    changed_record,
    in_zone,
    new_record,
    refuse_clash,
)

REQUESTS_PER_PERIOD: Final = 1200
PERIOD_SECONDS: Final = 300
"""Cloudflare's limit for one user in five minutes (developers.cloudflare.com, API rate limits)."""


@dataclass(frozen=True, kw_only=True)
class _Call:
    """A request and what its path names."""

    request: Request
    zone_id: str = ""
    record_id: str = ""


class Cloudflare:
    """The WSGI application below /client/v4."""

    def __init__(self, paths: SandboxPaths, clock: Callable[[], float] = time.monotonic) -> None:
        """clock: seconds, for the rate limit."""
        self._file = paths.cloudflare_file
        self._lock = threading.Lock()
        self._clock = clock
        self._period = (clock(), 0)
        text = self._file.read_text(encoding="utf-8") if self._file.exists() else "{}"
        self._contents = Contents.model_validate_json(text)
        self._told: dict[str, tuple[Record, ...]] | None = None

    def __call__(self, environ: dict[str, Json], start_response: Json) -> Iterable[bytes]:
        """Answers one request."""
        request = Request(environ)
        with self._lock:
            remaining, seconds_left = self._count()
            try:
                _check_limit(remaining)
                _check_token(request)
                response = _envelope(self._answer(request))
            except CloudflareRefusal as refusal:
                response = _refused(refusal)
        response.headers["Ratelimit"] = f'"default";r={max(remaining, 0)};t={seconds_left}'
        response.headers["Ratelimit-Policy"] = f'"default";q={REQUESTS_PER_PERIOD};w={PERIOD_SECONDS}'
        if remaining < 0:
            response.headers["retry-after"] = str(seconds_left)
        return response(environ, start_response)

    def zones(self) -> dict[str, tuple[Record, ...]]:
        """Records by name of their zone, as they are now: the same object until one of them changes."""
        with self._lock:
            if self._told is None:
                self._told = {zone.name: tuple(self._records(zone.id).values()) for zone in self._contents.zones}
            return self._told

    def _count(self) -> tuple[int, int]:
        """How many requests are left, and the seconds until there are more."""
        since, count = self._period
        if self._clock() - since >= PERIOD_SECONDS:
            since, count = self._clock(), 0
        self._period = (since, count + 1)
        return REQUESTS_PER_PERIOD - count - 1, math.ceil(since + PERIOD_SECONDS - self._clock())

    def _answer(self, request: Request) -> Json:
        try:
            endpoint, values = _URLS.bind_to_environ(request.environ).match()
            call = _Call(request=request, **values)
        except MethodNotAllowed:
            raise CloudflareRefusal(10405, "Method not allowed for this authentication scheme", status=405) from None
        except HTTPException:
            raise CloudflareRefusal(
                7003, f"Could not route to {request.path}, perhaps your object identifier is invalid?", status=404
            ) from None
        return getattr(self, f"_{endpoint}")(call)

    def _verify_token(self, call: _Call) -> Json:
        token = call.request.headers["Authorization"].encode()
        return {"id": hashlib.sha256(token).hexdigest()[:32], "status": "active"}

    def _list_zones(self, call: _Call) -> Json:
        wanted = call.request.args.get("name", "").lower() or None
        zones = [zone.as_result() for zone in self._contents.zones if wanted in (None, zone.name)]
        return _Page.of(zones, call.request, default=20, maximum=50)

    def _get_zone(self, call: _Call) -> Json:
        return self._zone(call.zone_id).as_result()

    def _list_records(self, call: _Call) -> Json:
        records = [record for record in self._records(call.zone_id).values() if _matches(record, call.request.args)]
        order = call.request.args.get("order", "")
        if order in ("type", "name", "content", "ttl", "proxied"):
            records.sort(
                key=lambda record: getattr(record, order), reverse=call.request.args.get("direction") == "desc"
            )
        return _Page.of([record.as_result() for record in records], call.request, default=100, maximum=5_000_000)

    def _create_record(self, call: _Call) -> Json:
        records = self._records(call.zone_id)
        record = new_record(self._body(call))
        refuse_clash(record, records, self._zone(call.zone_id).name)
        records[record.id] = record
        self._save()
        return record.as_result()

    def _get_record(self, call: _Call) -> Json:
        return self._record(call.zone_id, call.record_id).as_result()

    def _change_record(self, call: _Call) -> Json:
        present = self._record(call.zone_id, call.record_id)
        body = self._body(call)
        record = changed_record(present, body, keeps_rest=call.request.method == "PATCH")
        refuse_clash(record, self._records(call.zone_id), self._zone(call.zone_id).name)
        self._records(call.zone_id)[call.record_id] = record
        self._save()
        return record.as_result()

    def _delete_record(self, call: _Call) -> Json:
        self._record(call.zone_id, call.record_id)
        del self._records(call.zone_id)[call.record_id]
        self._save()
        return {"id": call.record_id}

    def _body(self, call: _Call) -> Mapping[str, Json]:
        try:
            body: Json = json.loads(call.request.get_data())
        except ValueError:
            body = None
        if not is_mapping(body):
            raise CloudflareRefusal(9207, "Request body is invalid.")
        if isinstance(body.get("name"), str):
            return {**body, "name": in_zone(body["name"], self._zone(call.zone_id).name)}
        return body

    def _zone(self, zone_id: str) -> Zone:
        zone = next((zone for zone in self._contents.zones if zone.id == zone_id), None)
        if zone is None:
            raise CloudflareRefusal(
                7003, f"Could not route to /zones/{zone_id}, perhaps your object identifier is invalid?", status=404
            )
        return zone

    def _records(self, zone_id: str) -> dict[str, Record]:
        return self._contents.records.setdefault(self._zone(zone_id).id, {})

    def _record(self, zone_id: str, record_id: str) -> Record:
        record = self._records(zone_id).get(record_id)
        if record is None:
            raise CloudflareRefusal(81044, "Record does not exist.", status=404)
        return record

    def _save(self) -> None:
        self._told = None
        try:
            write_private(self._file, self._contents.model_dump_json(indent=1))
        except OSError as error:
            self._contents = Contents.model_validate_json(self._file.read_text(encoding="utf-8"))
            raise CloudflareRefusal(10001, f"{self._file}: {error.strerror}", status=500) from error


class _Page:
    """One page of a list, with what the envelope says about it."""

    def __init__(self, items: list[Json], page: int, per_page: int, total: int) -> None:
        self.items = items
        self.info = {
            "page": page,
            "per_page": per_page,
            "count": len(items),
            "total_count": total,
            "total_pages": -(-total // per_page),
        }

    @classmethod
    def of(cls, items: list[Json], request: Request, default: int, maximum: int) -> _Page:
        """The page that the request asks for. Raises CloudflareRefusal."""
        page, per_page = request.args.get("page", "1"), request.args.get("per_page", str(default))
        if not page.isdecimal() or not per_page.isdecimal() or int(page) < 1 or not 1 <= int(per_page) <= maximum:
            raise CloudflareRefusal(6003, f"Invalid page or per_page: per_page is from 1 to {maximum}")
        start = (int(page) - 1) * int(per_page)
        return cls(items[start : start + int(per_page)], int(page), int(per_page), len(items))


_URLS: Final = Map(
    [
        Rule("/client/v4/user/tokens/verify", methods=["GET"], endpoint="verify_token"),
        Rule("/client/v4/zones", methods=["GET"], endpoint="list_zones"),
        Rule("/client/v4/zones/<zone_id>", methods=["GET"], endpoint="get_zone"),
        Rule("/client/v4/zones/<zone_id>/dns_records", methods=["GET"], endpoint="list_records"),
        Rule("/client/v4/zones/<zone_id>/dns_records", methods=["POST"], endpoint="create_record"),
        Rule("/client/v4/zones/<zone_id>/dns_records/<record_id>", methods=["GET"], endpoint="get_record"),
        Rule("/client/v4/zones/<zone_id>/dns_records/<record_id>", methods=["PUT", "PATCH"], endpoint="change_record"),
        Rule("/client/v4/zones/<zone_id>/dns_records/<record_id>", methods=["DELETE"], endpoint="delete_record"),
    ],
    strict_slashes=False,
)

_COMPARISONS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "": str.__eq__,
    "exact": str.__eq__,
    "contains": str.__contains__,
    "startswith": str.startswith,
    "endswith": str.endswith,
}


def _matches(record: Record, query: Mapping[str, str]) -> bool:
    """Whether a record passes the filters: all of them, or one with match=any."""
    answers: list[bool] = []
    for key, wanted in query.items():
        field, _, comparison = key.partition(".")
        compare = _COMPARISONS.get(comparison)
        if field in ("name", "content", "comment") and compare is not None:
            answers.append(compare((getattr(record, field) or "").lower(), wanted.lower()))
        elif key == "type":
            answers.append(record.type == wanted)
        elif key == "proxied":
            answers.append(record.proxied == (wanted == "true"))
        elif key == "search":
            answers.append(wanted.lower() in f"{record.name} {record.content} {record.comment or ''}".lower())
    return any(answers) if query.get("match") == "any" and answers else all(answers)


def _check_limit(remaining: int) -> None:
    if remaining < 0:
        raise CloudflareRefusal(
            971,
            f"More than {REQUESTS_PER_PERIOD} requests per {PERIOD_SECONDS} seconds reached. "
            "Please wait and consider throttling your request speed",
            status=429,
        )


def _check_token(request: Request) -> None:
    authorization = request.headers.get("Authorization", "")
    scheme, _, token = authorization.partition(" ")
    if not authorization:
        raise CloudflareRefusal(9106, "Missing X-Auth-Key, X-Auth-Email or Authorization headers")
    if scheme != "Bearer" or not token.strip():
        raise CloudflareRefusal(6111, "Invalid format for Authorization header")


def _envelope(result: Json) -> Response:
    body: dict[str, Json] = {"success": True, "errors": [], "messages": [], "result": result}
    if isinstance(result, _Page):
        body |= {"result": result.items, "result_info": result.info}
    return Response(json.dumps(body), content_type="application/json")


def _refused(refusal: CloudflareRefusal) -> Response:
    errors = [{"code": refusal.code, "message": str(refusal)}]
    body = {"success": False, "errors": errors, "messages": [], "result": None}
    return Response(json.dumps(body), status=refusal.status, content_type="application/json")
