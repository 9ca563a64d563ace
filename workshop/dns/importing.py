"""From the records that a zone has to a zone file that says the same, and what is left alone and why."""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml
from pydantic import ValidationError

from workshop.model.findings import Finding
from workshop.model.names import MARK
from workshop.model.observations import ExistingRecord
from workshop.model.plan.plan import plan_of_event
from workshop.model.rules.settings import zone_names, zone_shadowing, zone_targets
from workshop.model.settings.stack import Settings
from workshop.model.zones.file import Zone, ZoneFile, ZoneRecord
from workshop.model.zones.read import FOLDER, read_zones
from workshop.model.zones.types import kind_of

_KINDS: Final = ("A", "AAAA", "CNAME")
_RULES: Final = (zone_names, zone_shadowing, zone_targets)
HEAD: Final = "# yaml-language-server: $schema=zone.schema.json\n"


@dataclass(frozen=True, kw_only=True)
class Import:
    """text: of the zone file. adopt: resource name -> id. left_alone: (record, why)."""

    text: str
    adopt: Mapping[str, str]
    left_alone: tuple[tuple[ExistingRecord, str], ...]


def import_records(zone: Zone, existing: Iterable[ExistingRecord], settings: Settings) -> Import:
    """Takes in what a zone file can say exactly and the rules allow; all else stays as it is."""
    region_hosts = {name for region in settings.regions for name in (region.domain, f"*.{region.domain}")}
    taken: dict[str, tuple[ZoneRecord, ExistingRecord]] = {}
    left: list[tuple[ExistingRecord, str]] = []
    records = list(existing)
    counts = Counter((record.name, record.type) for record in records)
    for record in records:
        reason = "" if counts[record.name, record.type] == 1 else "several records share the name"
        if record.name in region_hosts:
            reason = "its host comes from workshop:regions; adopt it there"
        entry = None if reason else _entry(record)
        if isinstance(entry, ZoneRecord):
            taken[_resource(entry)] = (entry, record)
        else:
            left.append((record, reason or entry or ""))
    while True:
        file = _file(zone, [entry for entry, _ in taken.values()])
        refused = _refused(file, settings)
        if not refused:
            break
        for resource, why in refused.items():
            left.append((taken.pop(resource)[1], why))
    return Import(
        text=render(file.zone),
        adopt={name: f"{settings.zone_id(zone.zone)}/{record.id}" for name, (_, record) in sorted(taken.items())},
        left_alone=tuple(sorted(left, key=lambda one: (one[0].name, one[0].type))),
    )


def render(zone: Zone) -> str:
    """The text of a zone file."""
    said = zone.model_dump(exclude_defaults=True)
    said.setdefault("records", [])
    return HEAD + yaml.safe_dump(said, sort_keys=False, allow_unicode=True)


def _entry(record: ExistingRecord) -> ZoneRecord | str:
    """The entry that says the same, or why there is none."""
    if record.type not in _KINDS:
        return f"{record.type} records are not managed"
    if MARK in record.comment:
        return f"a stack owns it already ({record.comment})"
    values: dict[str, Any] = {"host": record.name, "target": record.content.removesuffix(".").lower()}
    values |= {"proxied": True} if record.is_proxied else {"ttl": record.ttl_seconds}
    values |= {"comment": record.comment} if record.comment else {}
    try:
        entry = ZoneRecord.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        return f"a zone file can't say it: {first['loc'][0]} {first['input']}: {first['msg']}"
    return entry if kind_of(values["target"]) == record.type else f"{record.content} is no target of {record.type}"


def _resource(entry: ZoneRecord) -> str:
    return f"{entry.host}-aaaa" if entry.target and kind_of(entry.target) == "AAAA" else entry.host


def _file(zone: Zone, entries: list[ZoneRecord]) -> ZoneFile:
    entries = sorted(entries, key=lambda entry: (entry.host, entry.target or ""))
    ours = tuple(zone.domains)
    outside = {
        _destination(entry.target)
        for entry in entries
        if entry.target and not any(entry.target == one or entry.target.endswith(f".{one}") for one in ours)
    }
    destinations = tuple(dict.fromkeys([*zone.destinations, *sorted(outside)]))
    complete = zone.model_copy(update={"records": tuple(entries), "destinations": destinations})
    path = f"{FOLDER}/{zone.zone}.yaml"
    (file,) = read_zones({path: render(complete)})
    return file


def _destination(target: str) -> str:
    kind = kind_of(target)
    return target if kind == "CNAME" else str(ipaddress.ip_network(target))


def _refused(file: ZoneFile, settings: Settings) -> dict[str, str]:
    """By resource, why the rules refuse an entry."""
    plan = plan_of_event(settings, (file,))
    resources = {record.place: record.resource for record in plan.dns.records if not record.is_regions}
    findings: list[Finding] = [finding for rule in _RULES for finding in rule.check(settings, plan)]
    return {
        resources[finding.resource]: f"{finding.problem}; {finding.why}"
        for finding in findings
        if finding.resource in resources
    }
