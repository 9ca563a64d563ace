"""From the records that a zone has to a zone file that says the same, and which records are left untouched and why."""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from workshop.model.findings import Finding
from workshop.model.names import MARK, is_marked
from workshop.model.observations import ExistingRecord
from workshop.model.plan.plan import plan_of_event
from workshop.model.rules.settings import zone_names, zone_shadowing, zone_targets
from workshop.model.settings.file.edit import edited
from workshop.model.settings.file.yaml import read_yaml
from workshop.model.settings.stack import Settings
from workshop.model.zones.file import Zone, ZoneRecord, is_under
from workshop.model.zones.plan import resource_of
from workshop.model.zones.read import FOLDER, read_zones
from workshop.model.zones.types import kind_of

_KINDS: Final = ("A", "AAAA", "CNAME")
_RULES: Final = (zone_names, zone_shadowing, zone_targets)
HEAD: Final = "# yaml-language-server: $schema=zone.schema.json\n"


@dataclass(frozen=True, kw_only=True)
class Import:
    """text: of the zone file. adopt: resource name -> id. untouched: (record, why)."""

    text: str
    adopt: Mapping[str, str]
    untouched: tuple[tuple[ExistingRecord, str], ...]


def import_records(zone: Zone, existing: Iterable[ExistingRecord], settings: Settings, text: str = "") -> Import:
    """Takes in what a zone file can say exactly and the rules allow; other records are left untouched.

    text: of the zone's file, where there is one without records. Raises CannotEdit.
    """
    region_hosts = {name for region in settings.regions for name in (region.domain, f"*.{region.domain}")}
    taken: dict[str, tuple[ZoneRecord, ExistingRecord]] = {}
    left: list[tuple[ExistingRecord, str]] = []
    records = list(existing)
    counts = Counter((record.name, record.type) for record in records)
    cuts = [record.name for record in records if record.type == "NS" and record.name != zone.zone]
    for record in records:
        cut = next((cut for cut in cuts if is_under(record.name, cut)), None)
        if record.type not in _KINDS:
            entry: ZoneRecord | str = f"{record.type} records are not managed"
        elif cut is not None:
            entry = f"the NS records of {cut} give it to other name servers, which answer in its place"
        elif record.name in region_hosts and record.type == "CNAME":
            entry = "its host comes from workshop:regions; adopt it under that name"
        elif record.name in region_hosts:
            entry = f"its host comes from workshop:regions, as a CNAME: this {record.type} record has to go first"
        elif counts[record.name, record.type] > 1:
            entry = f"several {record.type} records share the name"
        else:
            entry = _entry(record, settings)
        if isinstance(entry, ZoneRecord):
            taken[_resource(entry)] = (entry, record)
        else:
            left.append((record, entry))
    while True:
        complete = _complete(zone, [entry for entry, _ in taken.values()])
        refused = _refused(complete, settings)
        if not refused:
            break
        for resource, why in refused.items():
            left.append((taken.pop(resource)[1], why))
    return Import(
        text=render(complete, text),
        adopt={name: f"{settings.zone_id(zone.zone)}/{record.id}" for name, (_, record) in sorted(taken.items())},
        untouched=tuple(sorted(left, key=lambda one: (one[0].name, one[0].type))),
    )


def render(zone: Zone, text: str = "") -> str:
    """The text of a zone file: a new one, or one that is there and that keeps its comments. Raises CannotEdit."""
    said = zone.model_dump(mode="json", exclude_defaults=True)
    said.setdefault("records", [])
    return edited(text or HEAD, {**(read_yaml(text) or {}), **said})


def _entry(record: ExistingRecord, settings: Settings) -> ZoneRecord | str:
    """The entry that says the same, or why no entry can."""
    if is_marked(record.comment, settings.scope):
        return f"this stack owns it already, without an entry ({record.comment})"
    if MARK in record.comment:
        return f"another stack owns it ({record.comment})"
    values: dict[str, Any] = {"host": record.name, "target": record.content.removesuffix(".").lower()}
    values |= {"proxied": True} if record.is_proxied else {"ttl": record.ttl_seconds}
    values |= {"comment": record.comment} if record.comment else {}
    try:
        entry = ZoneRecord.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        return f"a zone file can't express it: {first['loc'][0]} {first['input']}: {first['msg']}"
    return entry if kind_of(values["target"]) == record.type else f"{record.content} is no {record.type} target"


def _resource(entry: ZoneRecord) -> str:
    return resource_of(entry.host, kind_of(entry.target or ""))


def _complete(zone: Zone, entries: list[ZoneRecord]) -> Zone:
    """The zone with these entries, and with the destinations that they need."""
    entries = sorted(entries, key=lambda entry: (entry.host, entry.target or ""))
    outside = {
        _destination(entry.target)
        for entry in entries
        if entry.target and not any(is_under(entry.target, domain) for domain in zone.domains)
    }
    destinations = tuple(dict.fromkeys([*zone.destinations, *sorted(outside)]))
    return zone.model_copy(update={"records": tuple(entries), "destinations": destinations})


def _destination(target: str) -> str:
    kind = kind_of(target)
    return target if kind == "CNAME" else str(ipaddress.ip_network(target))


def _refused(zone: Zone, settings: Settings) -> dict[str, str]:
    """By resource, why the rules refuse an entry."""
    (file,) = read_zones({f"{FOLDER}/{zone.zone}.yaml": render(zone)})
    plan = plan_of_event(settings, (file,))
    resources = {record.place: record.resource for record in plan.dns.records if not record.is_regions}
    findings: list[Finding] = [finding for rule in _RULES for finding in rule.check(settings, plan)]
    return {
        resources[finding.resource]: f"{finding.problem}; {finding.why}"
        for finding in findings
        if finding.resource in resources
    }
