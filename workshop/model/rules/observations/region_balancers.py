"""region-balancers: a region's host leads to a load balancer that its own cluster has, not to another account's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workshop.model.findings import Finding
from workshop.model.observations import Found, Observations
from workshop.model.plan.plan import Plan
from workshop.model.settings.commands import key_of, set_command
from workshop.model.settings.stack import Settings
from workshop.model.zones.file import is_under

NAME: Final = "region-balancers"


def check(settings: Settings, plan: Plan, observations: Observations) -> Iterator[Finding]:
    """Compares with the Services of the cluster, where it could be asked and has a load balancer.

    What its zone's file names in destinations is not looked for.
    """
    if not settings.declares_records:
        return
    zone = plan.dns.file(settings.zone.name)
    listed = zone.zone.destinations if zone else ()
    for index, region in enumerate(settings.regions):
        answer, host = observations.regions[region.name].load_balancers, region.load_balancer_host
        if host is None or not isinstance(answer, Found) or not answer.value or host in answer.value:
            continue
        if not any(is_under(host, one) for one in listed):
            path = ("regions", index, "load_balancer_host")
            yield Finding(
                rule=NAME,
                resource=key_of(path),
                problem=f"it is {host}, the cluster's Services have {', '.join(answer.value)} ({answer.source})",
                why="anybody's load balancer in that region has a host like this",
                fix=set_command(path, answer.value[0]),
            )
