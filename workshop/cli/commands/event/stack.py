"""The event of a stack, for every command that is about one."""

from __future__ import annotations

from workshop.cli.problem import CannotRun
from workshop.cli.stack import Stack
from workshop.model.plan.event import EventPlan, plan_event
from workshop.model.settings.event import Event


def event_of(stack: Stack) -> tuple[Event, EventPlan]:
    """The event and its plan. Raises CannotRun where the stack has none."""
    event, planned = stack.settings.event, plan_event(stack.settings)
    if event is None or planned is None:
        missing = [name for name in ("event", "window") if getattr(stack.settings, name) is None]
        raise CannotRun(
            f"Stack {stack.name} has no {' and no '.join(missing)}: set workshop:{' and workshop:'.join(missing)} in "
            f"Pulumi.{stack.name}.yaml (docs/event.md)"
        )
    return event, planned
