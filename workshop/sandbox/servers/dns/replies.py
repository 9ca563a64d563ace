"""What a zone's records answer to a question: names, wildcards and aliases, as RFC 1034 and 4592 have it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from workshop.sandbox.servers.cloudflare.contents import as_sent
from workshop.sandbox.servers.cloudflare.zones import AUTOMATIC_TTL, Record

AUTOMATIC_TTL_SECONDS: Final = 300
"""What Cloudflare answers for an automatic TTL."""

NEGATIVE_TTL_SECONDS: Final = 60
"""For how long a resolver may remember that there is nothing."""

PROXY_ADDRESS: Final = "198.51.100.1"
"""Stands for Cloudflare itself, which answers for proxied records (RFC 5737's documentation network)."""

_LONGEST_CHAIN: Final = 8


@dataclass(frozen=True, kw_only=True)
class Line:
    """One record of an answer."""

    name: str
    type: str
    ttl_seconds: int
    content: str


@dataclass(frozen=True, kw_only=True)
class Reply:
    """lines: aliases first, then what they lead to. is_ours: whether the name is in a zone; exists: whether it is."""

    lines: tuple[Line, ...]
    is_ours: bool
    exists: bool

    @property
    def ttl_seconds(self) -> int:
        """For how long it may be remembered."""
        return min((line.ttl_seconds for line in self.lines), default=NEGATIVE_TTL_SECONDS)


class Names:
    """One zone's records by name."""

    def __init__(self, zone: str, records: Iterable[Record]) -> None:
        self._records: dict[str, list[Record]] = {}
        self._existing = {zone}
        """The names that have records and all above them, which exist although they may have none."""
        for record in records:
            self._records.setdefault(record.name, []).append(record)
            name = record.name
            while name and name not in self._existing:
                self._existing.add(name)
                name = name.partition(".")[2]

    def at(self, name: str) -> list[Record] | None:
        """A name's own records, else those of the wildcard at its closest encloser; None where there is none such."""
        if name in self._existing:
            return self._records.get(name, [])
        encloser = name
        while encloser not in self._existing:
            encloser = encloser.partition(".")[2]
        return self._records.get(f"*.{encloser}")


def answer(zones: Mapping[str, Names], name: str, kind: str) -> Reply:
    """What the zones answer for a name; an alias is followed for as long as it stays in them."""
    lines: list[Line] = []
    step = name
    for _ in range(_LONGEST_CHAIN):
        zone = max((zone for zone in zones if step == zone or step.endswith(f".{zone}")), key=len, default=None)
        if zone is None:
            return Reply(lines=tuple(lines), is_ours=bool(lines), exists=bool(lines))
        found = zones[zone].at(step)
        if found is None:
            return Reply(lines=tuple(lines), is_ours=True, exists=bool(lines))
        here = [_line(record, step) for record in found]
        alias = next((line for line in here if line.type == "CNAME"), None)
        if alias is None or kind == "CNAME":
            lines += [line for line in here if line.type == kind]
            return Reply(lines=tuple(lines), is_ours=True, exists=True)
        lines.append(alias)
        step = alias.content
    return Reply(lines=tuple(lines), is_ours=True, exists=True)


def _line(record: Record, name: str) -> Line:
    if record.proxied:
        return Line(name=name, type="A", ttl_seconds=AUTOMATIC_TTL_SECONDS, content=PROXY_ADDRESS)
    ttl = AUTOMATIC_TTL_SECONDS if record.ttl == AUTOMATIC_TTL else record.ttl
    is_alias = record.type == "CNAME"
    content = record.content.rstrip(".").lower() if is_alias else as_sent(record.type, record.content, record.priority)
    return Line(name=name, type=record.type, ttl_seconds=ttl, content=content)
