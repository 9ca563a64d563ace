"""zone-neighbours: what others have in the zone neither answers in place of our records nor loses names to them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workshop.model.findings import Finding
from workshop.model.observations import Found, Observations
from workshop.model.plan.plan import Plan
from workshop.model.settings.stack import Settings
from workshop.model.zones.changes import ours_among
from workshop.model.zones.file import is_under
from workshop.model.zones.plan import PlannedRecord
from workshop.model.zones.wildcards import hidden_part

NAME: Final = "zone-neighbours"


def check(settings: Settings, plan: Plan, observations: Observations) -> Iterator[Finding]:
    """Compares the plan with the records of others; without an answer, adoption refuses already."""
    if not settings.declares_records or not isinstance(observations.records, Found):
        return
    existing = observations.records.value
    hosts = plan.dns.by_host.keys()
    ours = {one.host for one in ours_among(existing, settings)}
    cuts = {one.name for one in existing if one.type == "NS" and one.name != one.zone}
    wildcards = {one.name for one in existing if one.name.startswith("*.")} - hosts - ours
    for record in plan.dns.records:
        cut = next((cut for cut in sorted(cuts) if is_under(record.host, cut)), None)
        if cut is not None:
            yield _finding(
                record,
                f"{record.host} is at or below {cut}, which NS records give to other name servers",
                "those answer for it, and nobody is told of this record",
                f"declare it where {cut} is served, or remove its NS records at Cloudflare",
            )
        hidden = None if record.host in ours else hidden_part(record.host, wildcards, hosts)
        if hidden is not None:
            wildcard, name = hidden
            yield _finding(
                record,
                f"{record.host} hides part of {wildcard}, which Cloudflare has and this stack does not declare",
                "names that others use would stop resolving, or resolve to another place",
                f"declare {name} and *.{name} together, or use another parent domain",
            )


def _finding(record: PlannedRecord, problem: str, why: str, fix: str) -> Finding:
    return Finding(rule=NAME, resource=record.place, problem=problem, why=why, fix=fix)
