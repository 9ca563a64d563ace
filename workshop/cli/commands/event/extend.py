"""`workshop event extend`: more running time, or a stopped seat that may be started again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

import typer

from workshop.cli.commands.event.changes import Asking, asking
from workshop.cli.commands.event.end import Seat
from workshop.cli.options import SANDBOX, StackName, Users, Yes
from workshop.cli.problem import CannotRun
from workshop.model.event.extensions import Extension
from workshop.model.event.seats import workspace_name
from workshop.model.plan.cost import hours as hours_of
from workshop.model.window.phases import moment

By = Annotated[int | None, typer.Option("--by", metavar="MINUTES", min=1, max=10_080, help="Run so much longer.")]
Days = Annotated[
    int | None, typer.Option("--days", metavar="N", min=1, max=365, help="May be started for so many days more.")
]
Hours = Annotated[
    int, typer.Option("--hours", metavar="N", min=1, max=24, help="With --days: how long after each start.")
]


def extend(
    users: Users = None,
    stack: StackName = SANDBOX,
    seat: Seat = None,
    by: By = None,
    days: Days = None,
    hours: Hours = 2,
    yes: Yes = False,
) -> None:
    """Gives one seat or all of them more time, and says about what that costs.

    --by lets them run on, up to the event's latest end. --days is for afterwards: a seat that was saved and stopped may
    be started again by its person, for some hours at a time, as long as the budget lasts.

    \b
    Examples:
      workshop event extend --by 30
      workshop event extend --seat 7 --days 1 --hours 3
    """
    with asking(users, stack) as asked:
        asked.check_seat(seat)
        if (by is None) == (days is None):
            raise CannotRun("Say either --by MINUTES or --days N.")
        asked.check_goes_on()
        made = _running(asked, seat, by) if by is not None else _access(asked, seat, days or 0, hours)
        more = timedelta(minutes=by) if by is not None else timedelta(hours=hours)
        usd = (
            asked.plan.usd_per_hour
            / asked.plan.seats
            * len(_numbers(asked, seat, is_running=made.hours is None))
            * hours_of(more)
        )
        what, runs = ("All seats", "run") if seat is None else (workspace_name(seat), "runs")
        kind = f"{runs} until" if made.hours is None else f"may be started for {hours} hours at a time until"
        cost = f"{usd:.2f} USD{'' if made.hours is None else ' for each time'}"
        if asked.is_confirmed(f"{what} {kind} {moment(made.ends_at)}? It costs about {cost}.", yes=yes):
            asked.records.extend(made)
            asked.say_done(f"{what} {kind} {moment(made.ends_at)}; it costs about {cost}.")


def _running(asked: Asking, seat: int | None, minutes: int) -> Extension:
    ends = [_end(asked, number) for number in _numbers(asked, seat, is_running=True)]
    if not ends or min(ends) <= asked.now:
        raise CannotRun("It has stopped already: with --days it may be started again.")
    until = max(ends) + timedelta(minutes=minutes)
    if until > asked.plan.ends_at:
        raise CannotRun(
            f"The event's latest end is {moment(asked.plan.ends_at)}: raise latest_end of workshop:event, run up, and "
            "extend it then."
        )
    return Extension(seat=seat, made_at=asked.now, ends_at=until)


def _access(asked: Asking, seat: int | None, days: int, hours: int) -> Extension:
    until = max(_end(asked, number) for number in _numbers(asked, seat)) + timedelta(days=days)
    return Extension(seat=seat, made_at=asked.now, ends_at=until, hours=timedelta(hours=hours))


def _numbers(asked: Asking, seat: int | None, *, is_running: bool = False) -> list[int]:
    """Of the seats that are meant. is_running: without those which were ended early."""
    meant = [one for one in asked.kept.seats if seat in (None, one.number)]
    return [one.number for one in meant if not is_running or one.finished_at is None]


def _end(asked: Asking, number: int) -> datetime:
    """When a seat's last span that the keeper starts ends."""
    spans = next(one.spans for one in asked.kept.seats if one.number == number)
    return max(span.ends_at for span in spans if span.hours is None)
