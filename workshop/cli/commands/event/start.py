"""`workshop event start`: a seat that would not be started by itself."""

from __future__ import annotations

from typing import Annotated

import typer

from workshop.cli.commands.event.changes import asking
from workshop.cli.options import SANDBOX, StackName, Users
from workshop.cli.problem import CannotRun
from workshop.model.event.seats import workspace_name
from workshop.model.window.phases import moment

Seat = Annotated[int, typer.Option("--seat", metavar="N", min=1, help="Number of the seat.")]


def start(seat: Seat, users: Users = None, stack: StackName = SANDBOX) -> None:
    """Has the keeper start a seat that it gave up, or whose person had not accepted, with all others or now.

    \b
    Examples:
      workshop event start --seat 7
    """
    with asking(users, stack) as asked:
        asked.check_seat(seat)
        asked.check_goes_on()
        found = next(one for one in asked.kept.seats if one.number == seat)
        name = workspace_name(seat)
        if asked.now >= found.last_end or found.finished_at is not None:
            raise CannotRun(
                f"{name} has ended: its person may start it again after workshop event extend --seat {seat} --days 1"
            )
        if found.is_wanted and not found.is_lost:
            raise CannotRun(f"{name} is started by itself: see workshop event participants")
        asked.records.change_seat(seat, is_wanted=True, failures=0, problem="")
        begins = max(asked.now, found.spans[0].starts_at)
        asked.say_done(f"{name} is started {'now' if begins == asked.now else moment(begins)}.")
