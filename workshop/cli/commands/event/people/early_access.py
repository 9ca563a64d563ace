"""`workshop event early-access`: what trying it beforehand costs, and the command that sets it."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from workshop.cli.commands.event.stack import event_of
from workshop.cli.options import SANDBOX, StackName, Users
from workshop.cli.render.message import print_message
from workshop.cli.render.times import with_offset
from workshop.cli.session import reporting_problems
from workshop.cli.shell import fit
from workshop.cli.stack import read_stack
from workshop.model.findings import line
from workshop.model.plan.event import plan_event
from workshop.model.plan.plan import plan_of_event
from workshop.model.rules.judgement import judge_settings
from workshop.model.settings.commands import set_command
from workshop.model.settings.section import given
from workshop.model.settings.types import written
from workshop.model.window.phases import moment

Hours = Annotated[
    int | None, typer.Option("--hours", metavar="N", min=0, max=336, help="How long before the start; 0: not at all.")
]
TestMode = Annotated[bool, typer.Option("--test-mode", help="Seats run 15 minutes at a time, for a try.")]

_TRY = timedelta(minutes=15)


def early_access(
    users: Users = None, stack: StackName = SANDBOX, hours: Hours = None, test_mode: TestMode = False
) -> None:
    """Shows when seats may be tried and what it costs; or how that would be with --hours, and how to set it.

    It changes nothing: early access is declared in the settings, and `up` makes room for it.

    \b
    Examples:
      workshop event early-access
      workshop event early-access --hours 24 --test-mode
    """
    with reporting_problems(stack) as screen:
        target = read_stack(stack, users)
        event, _ = event_of(target)
        wanted = {} if hours is None else {"early_access": timedelta(hours=hours)}
        wanted |= {"early_hours": _TRY} if test_mode else {}
        changed = {name: value for name, value in wanted.items() if getattr(event, name) != value}
        settings = target.settings.model_copy(update={"event": event.model_copy(update=changed)})
        plan = given(plan_event(settings))
        if plan.early is None:
            said = "No seat is tried before the event."
        else:
            runs = written(given(settings.event).early_hours)
            usd, total = plan.all_come.early_access, plan.all_come.total
            said = (
                f"Seats may be tried from {moment(plan.early.starts_at)} on, {runs} at a time. If all come once, that "
                f"is {usd:.2f} USD, and the event {total:.2f} of {event.budget_usd}."
            )
        print_message(screen.results, with_offset(said, target.settings.window))
        for finding in judge_settings(settings, plan_of_event(settings, target.zones)) if changed else ():
            print_message(screen.results, fit(f"Refused then: {line(finding)}", stack))
        for name, value in changed.items():
            print_message(
                screen.results, fit(f"It is not set so: {set_command(('event', name), written(value))}", stack)
            )
