"""Which records a stack is going to have: the regions' hosts, and what the zone files say."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from workshop.model.names import record_mark
from workshop.model.settings.commands import key_of
from workshop.model.settings.regions import Region
from workshop.model.settings.stack import Scope, Settings
from workshop.model.zones.file import ZoneFile, ZoneRecord, is_under
from workshop.model.zones.types import AUTOMATIC_TTL, Kind, kind_of


@dataclass(frozen=True, kw_only=True)
class PlannedRecord:
    """One record.

    resource: its name in Pulumi, by which it is adopted. target: None where the region's load balancer is not set.
    place: file and line, or the setting, that asks for it. region: whose load balancer it points to, if any.
    """

    resource: str
    zone: str
    host: str
    kind: Kind
    target: str | None
    ttl_seconds: int
    comment: str | None
    place: str
    region: str | None = None
    is_proxied: bool = False
    is_retiring: bool = False

    @property
    def group(self) -> str:
        """What declares it together with others: its region, or its zone's file."""
        return self.region if self.is_regions and self.region else self.zone

    @property
    def is_regions(self) -> bool:
        """Whether the settings' regions ask for it, not a zone file."""
        return self.place.startswith("workshop:")


@dataclass(frozen=True, kw_only=True)
class DnsPlan:
    """Every record that the stack declares, the regions' first, and the files that say so."""

    records: tuple[PlannedRecord, ...]
    files: tuple[ZoneFile, ...]

    @property
    def domains(self) -> Mapping[str, tuple[str, ...]]:
        """By zone: names at or under these are read and managed. What is below another is left out."""
        found: dict[str, list[str]] = {}
        for record in self.records:
            if record.is_regions:
                found.setdefault(record.zone, []).append(record.host)
        for file in self.files:  # without records as well: what it had before must stay in view
            found.setdefault(file.zone.zone, []).extend(file.zone.domains)
        return {
            zone: tuple(
                dict.fromkeys(
                    domain
                    for domain in domains
                    if not any(domain != other and is_under(domain, other) for other in domains)
                )
            )
            for zone, domains in found.items()
        }

    @cached_property
    def by_host(self) -> Mapping[str, tuple[PlannedRecord, ...]]:
        """Records by their host."""
        found: dict[str, list[PlannedRecord]] = {}
        for record in self.records:
            found.setdefault(record.host, []).append(record)
        return {host: tuple(records) for host, records in found.items()}

    def answering(self, name: str) -> PlannedRecord | None:
        """The record that answers for a name: its own, or the nearest wildcard's."""
        labels = name.split(".")
        names = (name, *(f"*.{'.'.join(labels[at:])}" for at in range(1, len(labels))))
        return next((self.by_host[one][-1] for one in names if one in self.by_host), None)

    def end_of(self, record: PlannedRecord) -> PlannedRecord:
        """The last record that is passed on the way to a target; in a loop, any of it."""
        passed = {record.host}
        while record.kind == "CNAME" and record.target is not None:
            following = self.answering(record.target)
            if following is None or following.host in passed:
                break
            passed.add(following.host)
            record = following
        return record

    @cached_property
    def served(self) -> frozenset[str]:
        """Hosts, and the domains of wildcards."""
        return frozenset(host.removeprefix("*.") for host in self.by_host)

    @property
    def zones(self) -> tuple[str, ...]:
        """Zones in which records are declared."""
        return tuple(dict.fromkeys(record.zone for record in self.records))

    def file(self, zone: str) -> ZoneFile | None:
        """The file of a zone, if it has one."""
        return next((file for file in self.files if file.zone.zone == zone), None)


def resource_of(host: str, kind: str) -> str:
    """The name in Pulumi of a zone file's record: an address of each version has its own, a CNAME the host's."""
    return f"{host}-aaaa" if kind == "AAAA" else host


def plan_dns(settings: Settings, files: tuple[ZoneFile, ...]) -> DnsPlan:
    """All records, whether or not this stack's scope declares them."""
    regions = {region.name: region for region in settings.regions}
    records = [
        *(record for index, region in enumerate(settings.regions) for record in _hosts(settings, index, region)),
        *(record for file in files for record in _of_file(settings.scope, regions, settings.adopt.keys(), file)),
    ]
    return DnsPlan(records=tuple(records), files=files)


def _hosts(settings: Settings, index: int, region: Region) -> Iterator[PlannedRecord]:
    for child, host in (("host", region.domain), ("wildcard", f"*.{region.domain}")):
        yield PlannedRecord(
            resource=f"{region.name}-{child}",
            zone=settings.zone.name,
            host=host,
            kind="CNAME",
            target=region.load_balancer_host,
            ttl_seconds=settings.zone.ttl_seconds,
            comment=record_mark(settings.scope),
            place=key_of(("regions", index)),
            region=region.name,
        )


def _of_file(
    scope: Scope, regions: dict[str, Region], adopted: Container[str], file: ZoneFile
) -> Iterator[PlannedRecord]:
    for index, record in enumerate(file.zone.records):
        region = regions.get(record.region or "")
        target = record.target or (region.load_balancer_host if region else None)
        kind = kind_of(record.target) if record.target else "CNAME"
        resource = resource_of(record.host, kind)
        yield PlannedRecord(
            resource=resource,
            zone=file.zone.zone,
            host=record.host,
            kind=kind,
            target=target,
            ttl_seconds=AUTOMATIC_TTL if record.proxied else record.ttl,
            comment=_comment(scope, record, is_adopted=resource in adopted),
            place=file.place("records", index),
            region=record.region,
            is_proxied=record.proxied,
            is_retiring=record.retiring,
        )


def _comment(scope: Scope, record: ZoneRecord, *, is_adopted: bool) -> str | None:
    """What is adopted keeps its comment as it is, so that taking it over changes nothing; all else carries the mark."""
    if is_adopted:
        return record.comment
    return f"{record.comment} ({record_mark(scope)})" if record.comment else record_mark(scope)
