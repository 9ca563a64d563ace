"""zone-shadowing: no record hides names from a wildcard, and none hides behind a proxy without a certificate.

A name under a wildcard hides what the wildcard would have answered for it, and for all names below it (RFC 4592).
Only a host with a wildcard of its own may stand there, as the regions' proxies do.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import Final

from workshop.model.counting import counted
from workshop.model.findings import Finding
from workshop.model.plan.plan import Plan
from workshop.model.settings.stack import Settings
from workshop.model.zones.plan import PlannedRecord

NAME: Final = "zone-shadowing"


def check(settings: Settings, plan: Plan) -> Iterator[Finding]:
    """Compares every record of a zone file with all wildcards."""
    if not settings.declares_records:
        return
    hosts = plan.dns.by_host.keys()
    for record in plan.dns.records:
        if record.is_regions:
            continue
        yield from _hidden(record, hosts)
        labels_in_zone = record.host.count(".") - record.zone.count(".")
        if record.is_proxied and labels_in_zone > 1:
            yield Finding(
                rule=NAME,
                resource=record.place,
                problem=f"{record.host} is proxied, {counted(labels_in_zone, 'label')} below {record.zone}",
                why="Cloudflare's certificate covers the zone and one label below it",
                fix="set proxied: false, or use a name right below the zone",
            )


def _hidden(record: PlannedRecord, hosts: Set[str]) -> Iterator[Finding]:
    name = record.host.removeprefix("*.")
    labels = name.split(".")
    parents = (".".join(labels[at:]) for at in range(1, len(labels)))
    nearest = next((parent for parent in parents if f"*.{parent}" in hosts), None)
    if nearest is not None and not {name, f"*.{name}"}.issubset(hosts):
        yield Finding(
            rule=NAME,
            resource=record.place,
            problem=f"{record.host} hides part of *.{nearest}",
            why="workspace apps under it would resolve to another place",
            fix=f"remove it, declare {name} and *.{name} together, or use another parent domain",
        )
