"""event-times: the event lies in the window, from the first seat's start until the last node is gone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workshop.model.findings import Finding
from workshop.model.plan.event import TAIL, plan_event
from workshop.model.plan.plan import Plan
from workshop.model.settings.commands import set_command
from workshop.model.settings.stack import Scope, Settings
from workshop.model.settings.types import written
from workshop.model.window.phases import moment

NAME: Final = "event-times"


def check(settings: Settings, plan: Plan) -> Iterator[Finding]:  # noqa: ARG001 - as every rule
    """Compares the event's times with the window's; an event needs one."""
    event, window = settings.event, settings.window
    if event is None or settings.scope is not Scope.ALL:
        return
    planned = plan_event(settings)
    if window is None or planned is None:
        yield Finding(
            rule=NAME,
            resource=f"event {event.name}",
            problem="an event is set, and no window",
            why="its times are offsets of window.start, and outside a window nodes and LiteLLM's key are not held",
            fix="set workshop:window.start and workshop:window.duration",
        )
        return
    if event.early_access and planned.early is None:
        lead, given = written(window.start - planned.warm_at), written(event.early_access)
        yield Finding(
            rule=NAME,
            resource=f"event {event.name}",
            problem=f"early access begins {given} before the start, when nodes are made ready ({lead} before) already",
            why="nobody could try a seat before everybody's are started",
            fix=f"{set_command(('event', 'early_access'), '24h')}, or another time longer than {lead}; 0m for none",
        )
    first = planned.early_at or planned.starts_at
    if first < window.opens_at:
        early = " for early access" if planned.early else ""
        yield Finding(
            rule=NAME,
            resource=f"event {event.name}",
            problem=f"its seats start {moment(first)}{early}, before the window opens {moment(window.opens_at)}",
            why="no room is declared then",
            fix=set_command(("window", "preparation"), written(window.start - first)),
        )
    if planned.gone_at > window.closes_at:
        latest = window.duration + window.cool_down - TAIL
        yield Finding(
            rule=NAME,
            resource=f"event {event.name}",
            problem=f"its last nodes are gone {moment(planned.gone_at)}, the window closes {moment(window.closes_at)}",
            why=f"saving and stopping take up to {written(TAIL)} and must not meet the rotation of LiteLLM's key",
            fix=f"{set_command(('event', 'latest_end'), written(latest))}, or lengthen workshop:window.cool_down",
        )
