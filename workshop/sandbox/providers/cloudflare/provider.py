"""Stand-in for pulumi-cloudflare: DNS records and zone look-ups, through the API at the provider's base URL."""

from __future__ import annotations

import ssl
import time
import weakref
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from workshop.model.retries import seconds_to_wait
from workshop.observe.sandbox_credentials import NO_TOKEN
from workshop.sandbox.json_values import Json, is_mapping
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.providers.cloudflare.fields import body as body_of
from workshop.sandbox.providers.cloudflare.fields import camel, is_same_content, mapping, outputs, record
from workshop.sandbox.providers.comparison import compare, like, with_ignored
from workshop.sandbox.providers.provider import (
    ANSWER_SECONDS,
    UNKNOWN,
    Checked,
    CheckFailure,
    CheckRequest,
    CreateRequest,
    DeleteRequest,
    Diff,
    DiffRequest,
    NoAnswer,
    Properties,
    ProviderError,
    ReadRequest,
    Resource,
    UpdateRequest,
    refuse_other_endpoint,
)

if TYPE_CHECKING:
    import httpx

RECORD: Final = "cloudflare:index/dnsRecord:DnsRecord"
_COMPUTED: Final = ("createdOn", "modifiedOn", "commentModifiedOn", "proxiable", "meta")
_ABSENT: Final = 81044
_PER_PAGE: Final = 1000
_LISTING_SECONDS: Final = 2.0
"""For so long a zone's list stands for its single records: a refresh of a thousand is one request, not a thousand."""
_UNSURE = (409, 429)
"""Says "not now", not "no": whether the request was carried out is looked up by the next run."""


class CloudflareError(ProviderError):
    """The API answered errors; code is the first one's."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class MayBeDone(NoAnswer):
    """The request arrived, and failed or was not answered: it is worth looking whether it was carried out."""


class CloudflareProvider:
    """One account's API."""

    def __init__(self, configuration: Properties, wait: Callable[[float], None] = time.sleep) -> None:
        """wait: seconds, when there were too many requests."""
        self._configuration = configuration
        self._wait = wait
        self._opened: httpx.Client | None = None
        self._listings: dict[str, tuple[float, dict[str, dict[str, Json]]]] = {}

    def check(self, request: CheckRequest) -> Checked:
        """Names what a record must have and has not."""
        _refuse_unknown_kind(request.kind)
        inputs = {key: value for key, value in request.inputs.items() if value is not None}
        missing = [key for key in ("zoneId", "name", "type", "ttl") if key not in inputs]
        return Checked(
            inputs=inputs, failures=tuple(CheckFailure(property=key, reason="is required") for key in missing)
        )

    def diff(self, request: DiffRequest) -> Diff:
        """Another zone or type means another record (terraform-provider-cloudflare 5.11, dns_record)."""
        old, new = request.old_inputs, request.inputs
        if is_same_content(old, new):
            old = {**old, "content": new["content"]}
        return compare(old, new, replaces=("zoneId", "type"), ignore_changes=request.ignore_changes)

    def create(self, request: CreateRequest) -> Resource:
        """POST."""
        if request.is_preview:
            return Resource(
                id="", outputs={**request.inputs, **dict.fromkeys(_COMPUTED, UNKNOWN)}, inputs=request.inputs
            )
        result = self._created(request.inputs)
        return Resource(id=result["id"], outputs=outputs(result, request.inputs["zoneId"]), inputs=request.inputs)

    def _created(self, inputs: Properties) -> dict[str, Json]:
        """What POST answers; after a failure, the record that it made all the same, or that the second POST makes."""
        path = f"/zones/{inputs['zoneId']}/dns_records"
        self._listings.clear()
        try:
            return self._call("POST", path, body_of(inputs))
        except MayBeDone as failure:
            try:
                made = self.find("", RECORD, inputs)
                return self._call("GET", f"{path}/{made}") if made else self._call("POST", path, body_of(inputs))
            except ProviderError:
                raise failure from None

    def read(self, request: ReadRequest) -> Resource | None:
        """GET; an import's id is ZONE/RECORD."""
        _refuse_unknown_kind(request.kind)
        zone, _, record = request.id.rpartition("/")
        zone = zone or request.inputs.get("zoneId") or request.outputs.get("zoneId") or ""
        try:
            found = outputs(self._record_of(zone, record), zone)
        except CloudflareError as error:
            if error.code == _ABSENT:
                return None
            raise
        imported = {key: found[key] for key in ("zoneId", "name", "type", "content", "ttl", "proxied", "comment")}
        return Resource(id=record, outputs=found, inputs=like(found, request.inputs or imported))

    def update(self, request: UpdateRequest) -> Properties:
        """PUT, with the settings and tags that the record has."""
        inputs = with_ignored(request.old_inputs, request.inputs, request.ignore_changes)
        if request.is_preview:
            return {**request.old_outputs, **inputs, "modifiedOn": UNKNOWN}
        kept = {key: request.old_outputs[key] for key in ("settings", "tags") if request.old_outputs.get(key)}
        body = body_of({**kept, **inputs})
        self._listings.clear()
        return outputs(self._call("PUT", f"/zones/{inputs['zoneId']}/dns_records/{request.id}", body), inputs["zoneId"])

    def delete(self, request: DeleteRequest) -> None:
        """DELETE; a record that is gone already is no error."""
        self._listings.clear()
        try:
            self._call(
                "DELETE", f"/zones/{request.inputs.get('zoneId') or request.outputs['zoneId']}/dns_records/{request.id}"
            )
        except CloudflareError as error:
            if error.code != _ABSENT:
                raise

    def find(self, urn: str, kind: str, inputs: Properties) -> str | None:
        """The id of a record that is just like these inputs."""
        query = {"type": inputs["type"], "name.exact": inputs["name"]}
        for result in self._pages(f"/zones/{inputs['zoneId']}/dns_records", query):
            if not compare(like(outputs(result, inputs["zoneId"]), inputs), inputs).changed:
                return result["id"]
        return None

    def invoke(self, token: str, arguments: Properties) -> Properties:
        """getZone, getZones and getDnsRecords."""
        functions = {
            "cloudflare:index/getZone:getZone": self._get_zone,
            "cloudflare:index/getZones:getZones": self._get_zones,
            "cloudflare:index/getDnsRecords:getDnsRecords": self._get_dns_records,
        }
        if token not in functions:
            raise ProviderError(f"the sandbox does not know the function {token}")
        return functions[token](arguments)

    def _get_zone(self, arguments: Properties) -> Properties:
        zone_id, chosen = arguments.get("zoneId"), mapping(arguments.get("filter"))
        wanted = chosen.get("name")
        if not zone_id:
            found = self._pages("/zones", {"name": wanted} if wanted else {})
            if len(found) != 1:
                raise ProviderError(f"failed to find exactly one result: {len(found)} found (zones named {wanted})")
            zone_id = found[0]["id"]
        zone = self._call("GET", f"/zones/{zone_id}")
        result = {camel(key): value for key, value in zone.items()}
        return {**result, "zoneId": zone["id"], "filter": arguments.get("filter")}

    def _get_zones(self, arguments: Properties) -> Properties:
        found = self._pages("/zones", {"name": str(arguments["name"])} if arguments.get("name") else {})
        limit = int(arguments.get("maxItems") or _PER_PAGE)
        results = [{camel(key): value for key, value in zone.items()} for zone in found[:limit]]
        return {**arguments, "results": results}

    def _get_dns_records(self, arguments: Properties) -> Properties:
        query: dict[str, str] = {}
        for key, value in arguments.items():
            if is_mapping(value):
                query |= {f"{key}.{how}": str(text) for how, text in value.items() if text is not None}
            elif key in ("type", "match", "search", "order", "direction") and value is not None:
                query[key] = str(value)
            elif key == "proxied" and value is not None:
                query[key] = str(value).lower()
        results = self._pages(f"/zones/{arguments['zoneId']}/dns_records", query)
        limit = int(arguments.get("maxItems") or len(results))
        return {**arguments, "id": arguments["zoneId"], "results": [record(result) for result in results[:limit]]}

    def _record_of(self, zone: str, record: str) -> dict[str, Json]:
        """From the zone's list, or by itself where that doesn't have it."""
        since, listed = self._listings.get(zone, (0.0, {}))
        if not listed or time.monotonic() - since > _LISTING_SECONDS:
            listed = {str(one["id"]): one for one in self._pages(f"/zones/{zone}/dns_records", {})}
            self._listings[zone] = (time.monotonic(), listed)
        return listed.get(record) or self._call("GET", f"/zones/{zone}/dns_records/{record}")

    def _pages(self, path: str, query: Mapping[str, str]) -> list[dict[str, Json]]:
        found: list[dict[str, Json]] = []
        page, pages = 1, 1
        per_page = {"per_page": str(_PER_PAGE)} if path.endswith("/dns_records") else {}
        while page <= pages:
            envelope = self._answer("GET", path, query={**query, "page": str(page), **per_page})
            found += envelope["result"]
            pages = envelope["result_info"]["total_pages"]
            page += 1
        return found

    def _call(self, method: str, path: str, body: Mapping[str, Json] | None = None) -> dict[str, Json]:
        return self._answer(method, path, body)["result"]

    def _answer(
        self, method: str, path: str, body: Mapping[str, Json] | None = None, query: Mapping[str, str] | None = None
    ) -> dict[str, Json]:
        import httpx

        client = self._client()
        repeats = 0
        try:
            while True:
                status, retry_after, response = None, "", None
                try:
                    response = client.request(method, path, json=body, params=query)
                    status, retry_after = response.status_code, response.headers.get("retry-after", "")
                except httpx.TimeoutException:
                    if method == "POST":
                        raise
                is_repeatable = method != "POST" or status == HTTPStatus.TOO_MANY_REQUESTS
                seconds = seconds_to_wait(status, retry_after, repeats) if is_repeatable else None
                if seconds is None:
                    break
                self._wait(seconds)
                repeats += 1
            if response is None:
                raise NoAnswer(f"Cloudflare at {client.base_url} does not answer in time: run this again")
            envelope = response.json()
        except (httpx.HTTPError, ValueError) as error:
            failure = NoAnswer if isinstance(error, httpx.ConnectError) else MayBeDone
            raise failure(f"Cloudflare at {client.base_url} can't be asked: {error}") from None
        if not envelope.get("success"):
            errors: list[dict[str, Json]] = envelope["errors"]
            said = "; ".join(f"{error['message']} ({error['code']})" for error in errors)
            may_be_done = repeats > 0 and body is not None  # the first time, which is why it is refused now
            if response.is_server_error or response.status_code in _UNSURE or may_be_done:
                failure = MayBeDone if response.is_server_error else NoAnswer
                raise failure(f"Cloudflare answered {response.status_code} to {method} {path}: {said}: run this again")
            about = f"{body['type']} record {body['name']}" if body else path
            raise CloudflareError(errors[0]["code"], f"{about}: Cloudflare answered: {said}")
        return envelope

    def _client(self) -> httpx.Client:
        if self._opened is None:
            import httpx

            base = self._configuration.get("baseUrl")
            if not base:
                raise ProviderError("the Cloudflare provider has no base URL: the sandbox does not reach the real API")
            refuse_other_endpoint(str(base), SandboxPaths.from_environment().cloudflare_endpoint)
            token = self._configuration.get("apiToken") or NO_TOKEN
            self._opened = httpx.Client(
                base_url=str(base),
                headers={"Authorization": f"Bearer {token}"},
                timeout=ANSWER_SECONDS,
                trust_env=False,
                verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),  # loopback only: no authority has to be loaded
            )
            weakref.finalize(self, self._opened.close)
        return self._opened


def _refuse_unknown_kind(kind: str) -> None:
    if kind != RECORD:
        raise ProviderError(f"the sandbox does not know {kind}")
