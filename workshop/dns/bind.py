"""Zones as BIND and most other name servers write them (RFC 1035, section 5)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import dns.exception
import dns.rdatatype
import dns.zone

from workshop.model.observations import ExistingRecord
from workshop.model.zones.plan import PlannedRecord
from workshop.model.zones.types import AUTOMATIC_TTL

AUTOMATIC_TTL_SECONDS = 300
"""What Cloudflare answers where it sets the TTL itself."""


class NotBind(Exception):
    """The file can't be read; the message says where and why."""


def write_bind(zone: str, records: Iterable[PlannedRecord]) -> str:
    """The records, without SOA and NS, which are the zone's own: for $INCLUDE, or for a program that reads records."""
    lines = [f"$ORIGIN {zone}."]
    for record in records:
        ttl = AUTOMATIC_TTL_SECONDS if record.ttl_seconds == AUTOMATIC_TTL else record.ttl_seconds
        target = f"{record.target}." if record.kind == "CNAME" else record.target
        note = f" ; {record.comment}" if record.comment else ""
        lines.append(f"{record.host}. {ttl} IN {record.kind} {target}{note}")
    return "\n".join(lines) + "\n"


def read_bind(file: Path, zone: str) -> tuple[ExistingRecord, ...]:
    """Every record in a file. Raises NotBind."""
    try:
        text = file.read_text(encoding="utf-8")
        parsed = dns.zone.from_text(text, origin=f"{zone}.", relativize=False, check_origin=False)
    except UnicodeDecodeError:
        raise NotBind(f"{file} is not text in UTF-8") from None
    except dns.exception.DNSException as error:
        raise NotBind(f"{file}: {str(error) or type(error).__name__}") from None
    return tuple(
        ExistingRecord(
            zone=zone,
            id="",
            name=name.to_text(omit_final_dot=True).lower(),
            type=dns.rdatatype.to_text(record.rdtype),
            content=record.to_text(),
            ttl_seconds=ttl,
            is_proxied=False,
            comment="",
        )
        for name, ttl, record in parsed.iterate_rdatas()
    )
