"""event-budget: a hard cap holds by construction: the pools' limits let the event cost no more, whatever fails."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from workshop.model.findings import Finding
from workshop.model.plan.event import EventPlan, plan_event
from workshop.model.plan.plan import Plan
from workshop.model.settings.commands import set_command
from workshop.model.settings.event import Event
from workshop.model.settings.stack import Scope, Settings

NAME: Final = "event-budget"


def check(settings: Settings, plan: Plan) -> Iterator[Finding]:  # noqa: ARG001 - as every rule
    """Compares the budget with what the event costs if all come, and a hard one with what limits allow at worst."""
    event, planned = settings.event, plan_event(settings)
    if event is None or planned is None or settings.scope is not Scope.ALL:
        return
    cost = planned.all_come.total
    if cost > event.budget_usd:
        yield _too_little(event, planned, f"{cost:.2f} USD if all come", "seats would be stopped before their end")
    elif event.cap == "hard" and planned.most > event.budget_usd:
        costs = f"up to {planned.most:.2f} USD at the pools' limits"
        yield _too_little(event, planned, costs, "with all that watches money down, only limits and ends keep the cap")


def _too_little(event: Event, planned: EventPlan, costs: str, why: str) -> Finding:
    needed = math.ceil(planned.most if event.cap == "hard" else planned.all_come.total)
    settings = f"workshop:event.latest_end, event.provisioning{', event.early_hours' if planned.early else ''}"
    return Finding(
        rule=NAME,
        resource=f"event {event.name}",
        problem=f"it costs {costs}, the budget is {event.budget_usd} (workshop:event.budget_usd)",
        why=why,
        fix=f"lower {settings} or users, or {set_command(('event', 'budget_usd'), str(needed))}",
    )
