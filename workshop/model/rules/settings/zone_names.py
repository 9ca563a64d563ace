"""zone-names: every record is in its zone and domain, once, and what must exist does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workshop.model.findings import Finding
from workshop.model.plan.plan import Plan
from workshop.model.settings.stack import Settings
from workshop.model.zones.file import ZoneFile, is_under
from workshop.model.zones.plan import PlannedRecord
from workshop.model.zones.types import too_long_to_ask

NAME: Final = "zone-names"


def check(settings: Settings, plan: Plan) -> Iterator[Finding]:
    """Judges the names of all records that this stack declares."""
    if not settings.declares_records:
        return
    hosts = {record.host for record in plan.dns.records}
    for file in plan.dns.files:
        yield from _domains(file)
        for index, host in enumerate(file.zone.must_exist):
            if host not in hosts:
                fix = f"add a record for {host}, or remove it from must_exist"
                yield _finding(file.place("must_exist", index), f"{host} must exist, but has no record", _LOST, fix)
    yield from _twins(plan.dns.records)
    for record in plan.dns.records:
        if too_long := too_long_to_ask(record.host):
            yield _finding(
                record.place, f"{record.host}: {too_long}", "no name server takes it", "use a shorter domain"
            )
    regions = {region.name for region in settings.regions}
    for record in plan.dns.records:
        if record.region is not None and record.region not in regions:
            problem = f"{record.host} points to region {record.region}, which is not in this stack"
            yield _finding(record.place, problem, "it would not resolve", f"use one of {', '.join(sorted(regions))}")


_LOST: Final = "those who rely on it would get no answer"
_FOREIGN: Final = "undeclared records are left untouched"


def _domains(file: ZoneFile) -> Iterator[Finding]:
    zone = file.zone
    for index, domain in enumerate(zone.domains):
        if not is_under(domain, zone.zone):
            problem = f"{domain} is not in zone {zone.zone}"
            yield _finding(file.place("domains", index), problem, _FOREIGN, f"use {zone.zone} or a name under it")
    for index, record in enumerate(zone.records):
        if not any(is_under(record.host, domain) for domain in zone.domains):
            problem = f"{record.host} is not at or under {', '.join(zone.domains)}"
            yield _finding(file.place("records", index), problem, _FOREIGN, "add its domain to domains:")


def _twins(records: tuple[PlannedRecord, ...]) -> Iterator[Finding]:
    """Records of one name that can't stand side by side. Of two, the later is reported."""
    first: dict[str, PlannedRecord] = {}
    for record in records:
        other = first.setdefault(record.host, record)
        if other is record or {other.kind, record.kind} == {"A", "AAAA"}:
            continue
        problem = f"{record.host} has {record.kind} here and {other.kind} from {other.place}, only one is allowed"
        yield _finding(
            record.place,
            problem,
            "Cloudflare refuses the second, and the change stays partially applied",
            "keep one of them",
        )


def _finding(place: str, problem: str, why: str, fix: str) -> Finding:
    return Finding(rule=NAME, resource=place, problem=problem, why=why, fix=fix)
