"""arrival-wait: in a window nobody waits longer for a workspace than was promised."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workshop.model.counting import counted
from workshop.model.findings import Finding
from workshop.model.plan.arrival import RegionArrival, organization_of_seats, plan_arrival
from workshop.model.plan.plan import Plan
from workshop.model.settings.arrival import Arrival
from workshop.model.settings.commands import set_command
from workshop.model.settings.stack import Scope, Settings

NAME: Final = "arrival-wait"


def check(settings: Settings, plan: Plan) -> Iterator[Finding]:  # noqa: ARG001 - as every rule
    """What misses a target, where the settings refuse that."""
    if settings.arrival.on_miss == "refuse":
        yield from misses(settings)


def advise(settings: Settings) -> Iterator[Finding]:
    """What misses a target, where the settings want to know it and no more."""
    if settings.arrival.on_miss == "advice":
        yield from misses(settings)


def misses(settings: Settings) -> Iterator[Finding]:
    """Regions in which people wait longer than was promised. Without a window nobody is expected."""
    if settings.scope is not Scope.ALL or settings.window is None:
        return
    regions = plan_arrival(settings).regions
    slow = {name: region for name, region in regions.items() if not region.meets_targets}
    for name, region in slow.items():
        yield Finding(
            rule=NAME,
            resource=f"region {name}",
            problem=_problem(settings.arrival, region),
            why="the workshop begins with waiting",
            fix=_fix(settings, region, most=max(one.needed or 0 for one in slow.values())),
        )


def _problem(arrival: Arrival, region: RegionArrival) -> str:
    waits: list[str] = []
    if region.queue_p95 > arrival.queue_target_seconds:
        waits.append(
            f"with {counted(region.provisioners, 'provisioner')} one in 20 waits {region.queue_p95:.0f} s or more for "
            f"one, {arrival.queue_target_seconds} s are promised (workshop:arrival.queue_target_seconds)"
        )
    if region.mean.total > arrival.start_target_seconds:
        waits.append(
            f"a start takes {region.mean.total:.0f} s on average, {arrival.start_target_seconds} s are promised "
            "(workshop:arrival.start_target_seconds)"
        )
    return f"{counted(region.users, 'person comes', 'people come')} {arrival.manner}: {', and '.join(waits)}"


def _fix(settings: Settings, region: RegionArrival, most: int) -> str:
    """most: provisioners that the neediest region needs; the setting is of all regions."""
    if region.needed is not None:
        index = settings.organizations.index(organization_of_seats(settings))
        return set_command(("organizations", index, "minimum_provisioners"), str(most))
    if region.mean.pull:
        named = set_command(("arrival", "images", 0), "IMAGE@sha256:DIGEST")
        return f"no number of provisioners is enough; have nodes pull what workspaces run before people come: {named}"
    return (
        "no number of provisioners is enough: shorten build and agent, or raise workshop:arrival.start_target_seconds"
    )
