"""Zones and their records, and what Cloudflare refuses about a record."""

from __future__ import annotations

import ipaddress
import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from workshop.sandbox.json_values import Json
from workshop.sandbox.servers.cloudflare.contents import CloudflareRefusal, fields_of

AUTOMATIC_TTL: Final = 1
MIN_TTL_SECONDS: Final = 60
MAX_TTL_SECONDS: Final = 86400
_ADDRESSES: Final = ("A", "AAAA", "CNAME")
_NAME = re.compile(r"(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")


class Zone(BaseModel):
    """One zone."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    created_on: datetime = Field(default_factory=lambda: _now())

    def as_result(self) -> dict[str, Json]:
        """As the API answers it."""
        created = self.model_dump(mode="json")["created_on"]
        return {
            "id": self.id,
            "name": self.name,
            "status": "active",
            "paused": False,
            "type": "full",
            "development_mode": 0,
            "name_servers": ["ada.ns.cloudflare.com", "bob.ns.cloudflare.com"],
            "original_name_servers": None,
            "original_registrar": None,
            "original_dnshost": None,
            "created_on": created,
            "modified_on": created,
            "activated_on": created,
            "vanity_name_servers": [],
            "meta": {"step": 2, "custom_certificate_quota": 0, "page_rule_quota": 3, "phishing_detected": False},
            "owner": {"id": None, "type": "user", "email": None},
            "account": {"id": "fedcba9876543210fedcba9876543210", "name": "sandbox"},
            "tenant": {"id": None, "name": None},
            "tenant_unit": {"id": None},
            "permissions": ["#dns_records:edit", "#dns_records:read", "#zone:read"],
            "plan": {"id": "free", "name": "Free Website", "price": 0, "currency": "USD", "frequency": ""},
        }


class Record(BaseModel):
    """One DNS record. name: fully qualified. ttl: in seconds, 1 is automatic."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str = Field(default_factory=lambda: uuid.uuid4().hex)
    name: str
    type: str
    content: str
    proxied: bool = False
    ttl: int = AUTOMATIC_TTL
    settings: dict[str, Json] = {}
    comment: str | None = None
    tags: tuple[str, ...] = ()
    priority: int | None = None
    data: dict[str, Json] | None = None
    created_on: datetime = Field(default_factory=lambda: _now())
    modified_on: datetime = Field(default_factory=lambda: _now())
    comment_modified_on: datetime | None = None

    @property
    def is_proxiable(self) -> bool:
        """Whether Cloudflare could serve it itself."""
        return self.type in _ADDRESSES

    def as_result(self) -> dict[str, Json]:
        """As the API answers it: what is not set is left out."""
        result = self.model_dump(mode="json", exclude={"priority", "data", "comment_modified_on"})
        result |= {"proxiable": self.is_proxiable, "meta": {}}
        if self.priority is not None:
            result["priority"] = self.priority
        if self.data is not None:
            result["data"] = self.data
        if self.comment_modified_on is not None:
            result["comment_modified_on"] = self.model_dump(mode="json")["comment_modified_on"]
        return result


class Contents(BaseModel):
    """Everything that is kept. records: by zone id, then by record id, in the order of creation."""

    model_config = ConfigDict(extra="forbid")

    zones: tuple[Zone, ...] = ()
    records: dict[str, dict[str, Record]] = {}


def new_record(body: Mapping[str, Json]) -> Record:
    """A record as a request describes it, with a new id. Raises CloudflareRefusal."""
    return _validated({key: value for key, value in body.items() if key in _WRITABLE and value is not None})


def changed_record(present: Record, body: Mapping[str, Json], *, keeps_rest: bool) -> Record:
    """The record after PATCH (keeps_rest) or PUT. Raises CloudflareRefusal."""
    kept = present.model_dump() if keeps_rest else present.model_dump(include={"id", "created_on"})
    written = {key: value for key, value in body.items() if key in _WRITABLE and value is not None}
    if "content" in written and "data" not in written:
        kept.pop("data", None)  # what it was made of is no longer so
    changed = _validated({**kept, **written, "modified_on": _now()})
    if changed.comment == present.comment:
        return changed.model_copy(update={"comment_modified_on": present.comment_modified_on})
    return changed.model_copy(update={"comment_modified_on": _now()})


def refuse_clash(record: Record, others: Mapping[str, Record], zone: str) -> None:
    """Raises CloudflareRefusal where the record can't stand beside those that are there."""
    same_host = [other for other in others.values() if other.name == record.name and other.id != record.id]
    for other in same_host:
        if record.name != zone and (record.type == "NS") != (other.type == "NS"):
            if other.type == "NS":
                raise CloudflareRefusal(81056, "NS records with that host already exist.")
            raise CloudflareRefusal(81053, "An A, AAAA, or CNAME record with that host already exists.")
        if record.type == "CNAME" and other.type in _ADDRESSES:
            raise CloudflareRefusal(81053, "An A, AAAA, or CNAME record with that host already exists.")
        if record.type in _ADDRESSES and other.type == "CNAME":
            raise CloudflareRefusal(81054, "A CNAME record with that host already exists.")
        if (record.type, record.content, record.priority) == (other.type, other.content, other.priority):
            raise CloudflareRefusal(81058, "An identical record already exists.")


def in_zone(name: str, zone: str) -> str:
    """The fully qualified name of what a request calls it: @, a relative or a full name."""
    name = name.lower().rstrip(".")
    if name in ("@", zone):
        return zone
    return name if name.endswith(f".{zone}") else f"{name}.{zone}"


_WRITABLE: Final = {"name", "type", "content", "data", "proxied", "ttl", "settings", "comment", "tags", "priority"}
_TYPES: Final = {"A", "AAAA", "CAA", "CNAME", "HTTPS", "MX", "NS", "PTR", "SRV", "SVCB", "TLSA", "TXT"}


def _validated(values: Mapping[str, Json]) -> Record:
    if not isinstance(values.get("proxied", False), bool):
        raise CloudflareRefusal(9003, "Invalid 'proxied' value, must be a boolean")
    if values.get("type") not in _TYPES:
        raise CloudflareRefusal(9004, f"Invalid type: {values.get('type')!r}")
    try:
        record = Record.model_validate({**values, **fields_of(values)})
    except ValidationError as error:
        named = ", ".join(".".join(map(str, problem["loc"])) for problem in error.errors())
        raise CloudflareRefusal(9207, f"Request body is invalid: {named}") from None
    if len(record.name) > 253 or not _NAME.fullmatch(record.name):
        raise CloudflareRefusal(9000, "DNS name is invalid.")
    _refuse_content(record)
    if record.proxied and not record.is_proxiable:
        raise CloudflareRefusal(9041, "This DNS record cannot be proxied.")
    if record.ttl != AUTOMATIC_TTL and not MIN_TTL_SECONDS <= record.ttl <= MAX_TTL_SECONDS:
        raise CloudflareRefusal(
            9021, f"Invalid TTL. Must be between {MIN_TTL_SECONDS} and {MAX_TTL_SECONDS} seconds, or 1 for Automatic."
        )
    return record.model_copy(update={"ttl": AUTOMATIC_TTL}) if record.proxied else record


def _refuse_content(record: Record) -> None:
    for kind, code, parse, what in (
        ("A", 9005, ipaddress.IPv4Address, "a valid IPv4 address"),
        ("AAAA", 9006, ipaddress.IPv6Address, "a valid IPv6 address"),
    ):
        if record.type == kind:
            try:
                parse(record.content.replace("%", " "))  # no address of the internet has a zone id
            except ValueError:
                raise CloudflareRefusal(code, f"Content for {kind} record must be {what}.") from None
    if record.type == "CNAME":
        target = record.content.lower().rstrip(".")
        if not _NAME.fullmatch(target) or target.startswith("*"):
            raise CloudflareRefusal(9007, "Content for CNAME record is invalid.")
        if target == record.name:
            raise CloudflareRefusal(9039, "A CNAME record can't point to itself.")


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
