"""event-kept: what an event leaves to its people stays until its date; nobody takes the keeper away from under them.

A node pool says which event was declared with it. What is to be given up earlier has its annotation removed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from workshop.model.findings import Finding
from workshop.model.names import EVENT_ANNOTATION, NODE_POOL
from workshop.model.observations import Found, Observations
from workshop.model.plan.plan import Plan
from workshop.model.settings.stack import Scope, Settings
from workshop.model.window.phases import moment

NAME: Final = "event-kept"


def check(settings: Settings, plan: Plan, observations: Observations) -> Iterator[Finding]:  # noqa: ARG001 - as every rule
    """Compares the event of the settings with those that the node pools name; without an answer, adoption refuses."""
    if settings.scope is not Scope.ALL:
        return
    for region in settings.regions:
        pool = observations.regions[region.name].node_pool
        if not isinstance(pool, Found):
            continue
        name, until = read_event(pool.value.annotations.get(EVENT_ANNOTATION, ""))
        if until is None or pool.observed_at >= until or (settings.event and settings.event.name == name):
            continue
        yield Finding(
            rule=NAME,
            resource=f"event {name} in {region.name}",
            problem=f"it is kept until {moment(until)}, and the settings "
            + (f"have event {settings.event.name}" if settings.event else "have none"),
            why="its people could no longer fetch their work, and nothing would watch what still runs",
            fix=f"set workshop:event back, or give it up: kubectl --context {region.cluster.context} annotate nodepool "
            f"{NODE_POOL} {EVENT_ANNOTATION}-",
        )


def event_annotation(name: str, until: datetime) -> str:
    """What a pool says of its event. until: with time zone."""
    return f"{name} {until.isoformat(timespec='minutes')}"


def read_event(written: str) -> tuple[str, datetime | None]:
    """Name and date of what `event_annotation` wrote; no date where it is something else."""
    name, _, until = written.partition(" ")
    try:
        read = datetime.fromisoformat(until)
    except ValueError:
        return name, None
    return name, read if read.tzinfo else None
