"""Zones as BIND and most other name servers write them (RFC 1035, section 5)."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import dns.exception
import dns.rdata
import dns.rdatatype
import dns.zone

from workshop.model.names import MARK
from workshop.model.observations import ExistingRecord
from workshop.model.zones.plan import PlannedRecord
from workshop.model.zones.types import AUTOMATIC_TTL

AUTOMATIC_TTL_SECONDS = 300
"""What Cloudflare answers where it sets the TTL itself."""


_IS_PROXIED: Final = "cf-proxied:true"
_PROXIED: Final = f"cf_tags={_IS_PROXIED}"
"""Cloudflare's attributes of a record (developers.cloudflare.com/dns, import and export)."""

_MAX_BYTES: Final = 10_000_000
_GENERATE: Final = re.compile(r"^\s*\$GENERATE\b", re.IGNORECASE | re.MULTILINE)
"""One line of it can mean four thousand million records."""

_MARK: Final = re.compile(rf"\s*(\({MARK}(/[a-z]+)?\)|^{MARK}(/[a-z]+)?)$")


class NotBind(Exception):
    """The file can't be read; the message says where and why."""


def write_bind(zone: str, records: Iterable[PlannedRecord]) -> str:
    """The records, without SOA and NS, which are the zone's own: for $INCLUDE, or for a program that reads records.

    Comments, and whether Cloudflare serves a record itself, stand behind it as Cloudflare's own export writes them.
    """
    lines = [f"$ORIGIN {zone}."]
    for record in records:
        ttl = AUTOMATIC_TTL_SECONDS if record.ttl_seconds == AUTOMATIC_TTL else record.ttl_seconds
        target = f"{record.target}." if record.kind == "CNAME" else record.target
        notes = " ".join([*([record.comment] if record.comment else []), *([_PROXIED] if record.is_proxied else [])])
        lines.append(f"{record.host}. {ttl} IN {record.kind} {target}{f' ; {notes}' if notes else ''}")
    return "\n".join(lines) + "\n"


def read_bind(file: Path, zone: str) -> tuple[ExistingRecord, ...]:
    """Every record in a file, with its comment. Raises NotBind.

    A mark of this project is no part of a comment: a file says nothing of who owns a record now.
    """
    text = _text(file)
    if generate := _GENERATE.search(text):
        line = text[: generate.start()].count("\n") + 1
        raise NotBind(f"{file}, line {line}: $GENERATE is not read; write out the records")
    try:
        parsed = dns.zone.from_text(text, origin=f"{zone}.", relativize=False, check_origin=False)
        return tuple(
            _record(zone, name.to_text(omit_final_dot=True).lower(), ttl, record)
            for name, ttl, record in parsed.iterate_rdatas()
        )
    except (dns.exception.DNSException, ValueError, ArithmeticError, LookupError, struct.error) as error:
        raise NotBind(f"{file}: {str(error) or type(error).__name__}") from None


def _record(zone: str, name: str, ttl: int, record: dns.rdata.Rdata) -> ExistingRecord:
    comment, _, tags = (record.rdcomment or "").partition("cf_tags=")
    return ExistingRecord(
        zone=zone,
        id="",
        name=name,
        type=dns.rdatatype.to_text(record.rdtype),
        content=record.to_text(),
        ttl_seconds=ttl,
        is_proxied=_IS_PROXIED in tags.split(","),
        comment=_MARK.sub("", comment.strip()),
    )


def _text(file: Path) -> str:
    """Raises NotBind."""
    try:
        if not file.is_file():
            raise NotBind(f"{file} is not a file, or does not exist")
        with file.open("rb") as opened:
            content = opened.read(_MAX_BYTES + 1)
        if len(content) > _MAX_BYTES:
            raise NotBind(f"{file} has more than {_MAX_BYTES} bytes")
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise NotBind(f"{file} is not text in UTF-8") from None
    except (OSError, ValueError) as error:
        raise NotBind(f"{file} can't be read: {error}") from None
