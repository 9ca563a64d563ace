"""load-balancers: the host of a region leads to a load balancer of that region, or to one that its zone's file names.

An AWS host says its region, not its account: what is in a cluster's own Service is for preflight to see.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from workshop.model.findings import Finding
from workshop.model.plan.plan import Plan
from workshop.model.settings.commands import key_of
from workshop.model.settings.stack import Settings
from workshop.model.zones.file import is_under
from workshop.model.zones.types import kind_of

NAME: Final = "load-balancers"

_NETWORK: Final = re.compile(r"(?P<name>[a-z0-9-]+)\.elb\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?")
_APPLICATION: Final = re.compile(
    r"(dualstack\.)?(?P<name>[a-z0-9-]+)\.(?P<region>[a-z0-9-]+)\.elb\.amazonaws\.com(\.cn)?"
)
"""Hosts of network load balancers, and of application and classic ones (Elastic Load Balancing, user guides)."""

_INTERNAL: Final = "internal-"
"""How the hosts of load balancers begin that have private addresses only; AWS lets nobody else choose it."""


def check(settings: Settings, plan: Plan) -> Iterator[Finding]:
    """Judges every region's load_balancer_host that is set."""
    if not settings.declares_records:
        return
    zone = plan.dns.file(settings.zone.name)
    listed = zone.zone.destinations if zone else ()
    ours = [domain for domains in plan.dns.domains.values() for domain in domains]
    for index, region in enumerate(settings.regions):
        host = region.load_balancer_host
        if host is None:
            continue
        problem = _problem(host, region.name, listed, ours)
        if problem:
            yield Finding(
                rule=NAME,
                resource=key_of(("regions", index, "load_balancer_host")),
                problem=f"it is {host}: {problem}",
                why=f"all who open {region.domain} would reach whoever answers there",
                fix=f"set it to NAME.elb.{region.name}.amazonaws.com as the cluster's Service has it, or name it in "
                f"destinations: of zones/{settings.zone.name}.yaml in a change of its own",
            )


def _problem(host: str, region: str, listed: tuple[str, ...], ours: list[str]) -> str:
    """What is wrong with a host; empty where nothing is."""
    if kind_of(host) != "CNAME":
        return "an address, which no CNAME can lead to"
    if any(is_under(host, domain) for domain in ours):
        return "a host of this stack, not a load balancer"
    if any(is_under(host, one) for one in listed):
        return ""
    match = _NETWORK.fullmatch(host) or _APPLICATION.fullmatch(host)
    if match is None:
        return f"no load balancer of {region}, and not in destinations"
    if match["region"] != region:
        return f"a load balancer of {match['region']}, not of {region}"
    if match["name"].startswith(_INTERNAL):
        return "an internal load balancer, which has private addresses only"
    return ""
