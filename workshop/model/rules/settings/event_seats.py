"""event-seats: there is room for every seat of the event, and for its reserve."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workshop.model.counting import counted
from workshop.model.findings import Finding
from workshop.model.plan.event import seats_of
from workshop.model.plan.plan import Plan
from workshop.model.settings.stack import Scope, Settings

NAME: Final = "event-seats"


def check(settings: Settings, plan: Plan) -> Iterator[Finding]:  # noqa: ARG001 - as every rule
    """Compares seats and reserve with the users that the platform is sized for."""
    event = settings.event
    if event is None or settings.scope is not Scope.ALL:
        return
    seats = seats_of(settings)
    if seats < 1 or seats + event.reserve > settings.users:
        wanted = f"{counted(max(seats, 0), 'seat')} and a reserve of {event.reserve}"
        yield Finding(
            rule=NAME,
            resource=f"event {event.name}",
            problem=f"{wanted} do not fit {counted(settings.users, 'user')} (workshop:users)",
            why="the last to come would find no place",
            fix=f"run up with --users {max(seats, 1) + event.reserve}, or lower workshop:event.seats or event.reserve",
        )
