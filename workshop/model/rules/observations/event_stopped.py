"""event-stopped: a pool that was stopped for this event's money or end is not given room again by the next `up`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workshop.model.findings import Finding
from workshop.model.names import NODE_POOL, STOPPED_ANNOTATION
from workshop.model.observations import Found, Observations
from workshop.model.plan.plan import Plan
from workshop.model.settings.stack import Scope, Settings
from workshop.model.window.phases import Phase

NAME: Final = "event-stopped"


def check(settings: Settings, plan: Plan, observations: Observations) -> Iterator[Finding]:
    """Looks for the mark of this event in the node pools, until the window has closed: the baseline costs nothing."""
    event = settings.event
    if settings.scope is not Scope.ALL or event is None or plan.phase is Phase.AFTER:
        return
    for region in settings.regions:
        pool = observations.regions[region.name].node_pool
        if not isinstance(pool, Found):
            continue
        name, _, when = pool.value.annotations.get(STOPPED_ANNOTATION, "").partition(" ")
        if name == event.name:
            yield Finding(
                rule=NAME,
                resource=f"NodePool {NODE_POOL} in {region.name}",
                problem=f"it was stopped for event {name} ({when}), and this would start its nodes again",
                why="it was at its cap, or over: what runs on is paid for beyond what was agreed",
                fix="if it is to go on, raise workshop:event.budget_usd or event.latest_end, then: kubectl --context "
                f"{region.cluster.context} annotate nodepool {NODE_POOL} {STOPPED_ANNOTATION}-",
            )
