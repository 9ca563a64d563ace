"""`workshop calendar`: the monthly workshops to come, and what is due before each."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from workshop.cli.options import SANDBOX, StackName
from workshop.cli.render.event.calendar import calendar_file, print_calendar
from workshop.cli.session import reporting_problems
from workshop.cli.stack import read_stack
from workshop.model.preflight.cadence import monthly
from workshop.model.settings.stack import Settings
from workshop.observe.clock import now
from workshop.sandbox.files import write_whole

Months = Annotated[int, typer.Option("--months", metavar="N", min=1, max=24, help="How many workshops.")]
Ics = Annotated[Path | None, typer.Option("--ics", metavar="FILE", help="Write them for a calendar, as iCalendar.")]


def calendar(months: Months = 3, ics: Ics = None, stack: StackName = SANDBOX) -> None:
    """Shows a workshop in the first week of each month, and what the checklist asks for 7, 2 and 1 days before.

    Weekday, time and length are the window's, all year as in the event's time_zone; without a window, Tuesdays at 16:00
    UTC for 90 minutes. An entry keeps its UID when it moves: a calendar that takes the file again changes it.

    \b
    Examples:
      workshop calendar
      workshop calendar --months 6 --ics workshops.ics
    """
    with reporting_problems(stack) as screen:
        target = read_stack(stack, users_if_unknown=1)
        planned = monthly(target.settings.window, _zone(target.settings), now(), months)
        print_calendar(planned, screen.results)
        if ics is not None:
            write_whole(ics, calendar_file(planned, target.settings.zone.name, now()))
            screen.notes.print(f"Wrote {ics}", soft_wrap=True)


def _zone(settings: Settings) -> ZoneInfo | None:
    named = None if settings.event is None else settings.event.time_zone
    return None if named is None else ZoneInfo(named)
