"""zone-targets: every record leads, without going round in circles, to a place that is ours or named in its file."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Final

from workshop.model.findings import Finding
from workshop.model.plan import Plan
from workshop.model.settings import Settings
from workshop.model.zones import is_under
from workshop.model.zones_plan import PlannedRecord

NAME: Final = "zone-targets"


def check(settings: Settings, plan: Plan) -> Iterator[Finding]:
    """Follows every record to where it leads."""
    if not settings.declares_records:
        return
    by_host = {record.host: record for record in plan.dns.records}
    load_balancers = {region.load_balancer_host for region in settings.regions}
    ours = [domain for domains in plan.dns.domains.values() for domain in domains]
    for record in plan.dns.records:
        if record.target is None:
            continue
        if record.kind == "CNAME" and record.host == record.zone:
            problem = f"{record.host} is the zone itself and can't be a CNAME (to {record.target})"
            why = "a zone's own name has other records, which a CNAME would hide (RFC 1034, 3.6.2)"
            yield _finding(record, problem, why, "give it an address, or use a name below it")
        circle = _circle(record, by_host)
        if circle:
            problem = f"{record.host} leads round in a circle: {' -> '.join(circle)}"
            yield _finding(record, problem, "nobody reaches it", "break the circle")
        elif any(is_under(record.target, domain) for domain in ours):
            if _answering(record.target, by_host) is None:
                problem = f"{record.host} leads to {record.target}, which has no record"
                yield _finding(record, problem, "it would lead nowhere", f"declare {record.target}, or lead elsewhere")
        elif record.target not in load_balancers and not _is_allowed(record, plan):
            file = plan.dns.file(record.zone)
            allowed = ", ".join(file.zone.destinations if file else ()) or "none"
            problem = f"{record.host} leads to {record.target}: no load balancer of a region, nor in destinations"
            why = f"whoever holds that place receives our visitors (destinations: {allowed})"
            yield _finding(record, problem, why, "name the place in destinations: of this file, or lead elsewhere")


def _circle(record: PlannedRecord, by_host: Mapping[str, PlannedRecord]) -> list[str]:
    """The way back to a name that was passed; empty where it ends."""
    path, step = [record.host], record
    while step.kind == "CNAME" and step.target is not None:
        path.append(step.target)
        if step.target in path[:-1]:
            return path
        following = _answering(step.target, by_host)
        if following is None or following is step:
            return path if following is step else []
        step = following
    return []


def _answering(name: str, by_host: Mapping[str, PlannedRecord]) -> PlannedRecord | None:
    """The record that answers for a name: its own, or the nearest wildcard's."""
    if name in by_host:
        return by_host[name]
    labels = name.split(".")
    return next(
        (found for at in range(1, len(labels)) if (found := by_host.get(f"*.{'.'.join(labels[at:])}"))),
        None,
    )


def _is_allowed(record: PlannedRecord, plan: Plan) -> bool:
    file = plan.dns.file(record.zone)
    if file is None or record.target is None or record.is_regions:
        return record.is_regions
    if record.kind == "CNAME":
        return any("/" not in one and is_under(record.target, one) for one in file.zone.destinations)
    address = ipaddress.ip_address(record.target)
    return any(address in ipaddress.ip_network(one) for one in file.zone.destinations if "/" in one)


def _finding(record: PlannedRecord, problem: str, why: str, fix: str) -> Finding:
    return Finding(rule=NAME, resource=record.place, problem=problem, why=why, fix=fix)
