"""zone-shadowing: no record hides names from a wildcard, and none hides behind a proxy without a certificate.

A name under a wildcard hides what the wildcard would have answered for it, and for all names below it (RFC 4592), also
one that exists only because of a name below it. Only a host with a wildcard of its own may stand there, as the regions'
proxies do.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workshop.model.counting import counted
from workshop.model.findings import Finding
from workshop.model.plan.plan import Plan
from workshop.model.settings.stack import Settings
from workshop.model.zones.plan import DnsPlan, PlannedRecord
from workshop.model.zones.wildcards import hidden_part

NAME: Final = "zone-shadowing"


def check(settings: Settings, plan: Plan) -> Iterator[Finding]:
    """Compares every record with all wildcards."""
    if not settings.declares_records:
        return
    hosts = plan.dns.by_host.keys()
    load_balancers = {region.load_balancer_host: region.name for region in settings.regions}
    for record in plan.dns.records:
        hidden = hidden_part(record.host, hosts, hosts)
        if hidden is not None:
            wildcard, name = hidden
            yield _finding(
                record,
                f"{record.host} hides part of {wildcard}",
                "workspace apps under it would resolve to another place",
                f"remove it, declare {name} and *.{name} together, or use another parent domain",
            )
        yield from _two_regions(record, plan.dns, load_balancers)
        labels_in_zone = record.host.count(".") - record.zone.count(".")
        if record.is_proxied and labels_in_zone > 1:
            yield _finding(
                record,
                f"{record.host} is proxied, {counted(labels_in_zone, 'label')} below {record.zone}",
                "Cloudflare's certificate covers the zone and one label below it",
                "set proxied: false, or use a name right below the zone",
            )


def _two_regions(record: PlannedRecord, plan: DnsPlan, load_balancers: dict[str | None, str]) -> Iterator[Finding]:
    """A wildcard whose host leads to another region."""
    host = record.host.removeprefix("*.")
    for other in plan.by_host.get(host, ()) if host != record.host else ():
        regions = [load_balancers.get(plan.end_of(one).target) for one in (record, other)]
        if None not in regions and regions[0] != regions[1]:
            yield _finding(
                record,
                f"{record.host} leads to {regions[0]}, {host} to {regions[1]}",
                "the apps of one region's workspaces would be asked for in another",
                f"point both to one region, or give one of them another parent domain than {host}",
            )


def _finding(record: PlannedRecord, problem: str, why: str, fix: str) -> Finding:
    return Finding(rule=NAME, resource=record.place, problem=problem, why=why, fix=fix)
