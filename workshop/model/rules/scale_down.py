"""scale-down: in the window there are never fewer users planned than workspaces run; catches 2 typed for 20."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workshop.model.findings import Finding
from workshop.model.names import NODE_POOL
from workshop.model.observations import Assumed, Found, Observations
from workshop.model.plan import Plan
from workshop.model.rules.moment import in_window
from workshop.model.settings import Scope, Settings

NAME: Final = "scale-down"


def check(settings: Settings, plan: Plan, observations: Observations) -> Iterator[Finding]:
    """Compares each region's planned users with the workspaces on our pool there."""
    window = settings.window
    if settings.scope is not Scope.ALL or window is None:
        return
    for region in plan.regions.values():
        observed = observations.regions[region.name].running_workspaces
        if isinstance(observed, Assumed):
            yield Finding(
                rule=NAME,
                resource=f"workspace nodes in {region.name}",
                problem=f"could not look up running workspaces: {observed.source}: {observed.reason}",
                why="with a window set, room must not shrink below what is in use",
                fix="make pods readable with the credentials of this stack and run again",
                is_judged=False,
            )
        if not isinstance(observed, Found) or not in_window(window, observed.observed_at):
            continue
        running = observed.value.get(NODE_POOL, 0)
        if running > region.nodes.users:
            yield Finding(
                rule=NAME,
                resource=f"workspace nodes in {region.name}",
                problem=f"{running} workspaces run, {settings.users} users leave room for {region.nodes.users} here",
                why="provisioners and node limits would drop below what is in use",
                fix="raise workshop:users, or wait until the window has closed",
            )
