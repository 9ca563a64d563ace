"""zone-targets: every record points, without a loop, to a target that is ours or named in its file."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from typing import Final

from workshop.model.findings import Finding
from workshop.model.plan.plan import Plan
from workshop.model.settings.stack import Settings
from workshop.model.zones.file import is_under
from workshop.model.zones.plan import DnsPlan, PlannedRecord
from workshop.model.zones.types import Kind

NAME: Final = "zone-targets"


def check(settings: Settings, plan: Plan) -> Iterator[Finding]:
    """Follows every record to where it points."""
    if not settings.declares_records:
        return
    load_balancers = {region.load_balancer_host for region in settings.regions}
    ours = [domain for domains in plan.dns.domains.values() for domain in domains]
    for record in plan.dns.records:
        if record.target is None:
            continue
        if record.kind == "CNAME" and record.host == record.zone:
            problem = f"{record.host} is the zone's apex and can't be a CNAME (to {record.target})"
            why = "an apex has other records, which a CNAME would hide (RFC 1034, 3.6.2)"
            yield _finding(record, problem, why, "give it an address, or use a name below it")
        loop = _loop(record, plan.dns)
        if loop:
            problem = f"{record.host} is in a loop: {' -> '.join(loop)}"
            yield _finding(record, problem, "it would not resolve", "break the loop")
        elif any(is_under(record.target, domain) for domain in ours):
            if plan.dns.answering(record.target) is None:
                problem = f"{record.host} points to {record.target}, which has no record"
                yield _finding(
                    record, problem, "it would not resolve", f"declare {record.target} too, or change the target"
                )
        elif record.target not in load_balancers:
            file = plan.dns.file(record.zone)
            destinations = file.zone.destinations if file else ()
            if not _is_allowed(record.kind, record.target, destinations):
                problem = (
                    f"{record.host} points to {record.target}: no load balancer of a region, and not in destinations"
                )
                allowed = ", ".join(destinations) or "none"
                why = f"whoever controls it receives our visitors (destinations: {allowed})"
                yield _finding(record, problem, why, "add it to destinations: of this file, or change the target")


def _loop(record: PlannedRecord, plan: DnsPlan) -> list[str]:
    """The way back to a record that was passed; empty where it ends."""
    path, passed, step = [record.host], [record], record
    while step.kind == "CNAME" and step.target is not None:
        path.append(step.target)
        following = plan.answering(step.target)
        if following is None:
            return []
        if following in passed:
            return path
        passed.append(following)
        step = following
    return []


def _is_allowed(kind: Kind, target: str, destinations: Iterable[str]) -> bool:
    if kind == "CNAME":
        return any(is_under(target, one) for one in destinations)
    address = ipaddress.ip_address(target)
    return any(address in ipaddress.ip_network(one) for one in destinations if "/" in one)


def _finding(record: PlannedRecord, problem: str, why: str, fix: str) -> Finding:
    return Finding(rule=NAME, resource=record.place, problem=problem, why=why, fix=fix)
