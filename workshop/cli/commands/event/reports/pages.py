"""`workshop event pages`: guides, agenda, announcement, reminder, thanks and runbook of this event."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workshop.cli.commands.event.stack import event_of
from workshop.cli.options import SANDBOX, StackName, Users
from workshop.cli.problem import CannotRun
from workshop.cli.render.message import print_message
from workshop.cli.render.pages.facts import facts
from workshop.cli.render.pages.render import BLANK
from workshop.cli.render.pages.render import pages as pages_of
from workshop.cli.session import reporting_problems
from workshop.cli.stack import read_stack
from workshop.sandbox.files import write_whole

To = Annotated[Path, typer.Option("--to", metavar="DIR", help="Folder that the pages are written to.")]
Again = Annotated[bool, typer.Option("--again", help="Write over pages that are there, with what was filled in.")]


def pages(to: To, users: Users = None, stack: StackName = SANDBOX, again: Again = False) -> None:
    """Writes Markdown pages with the event's facts: times, seats, limits, links and commands.

    Announcement, agenda, guides for participants and facilitators, reminder, incident runbook, thanks. What only people
    know is marked in them. Pages that are there stay as they are without --again.

    \b
    Examples:
      workshop event pages --to october
    """
    with reporting_problems(stack) as screen:
        target = read_stack(stack, users)
        option = "" if target.is_sandbox else f" --stack {target.name}"
        written = pages_of(facts(target.settings, event_of(target)[1], option))
        there = [name for name in written if (to / name).exists()]
        if there and not again:
            raise CannotRun(
                f"{', '.join(there)} in {to} would be written over, with what people filled in: add --again, or choose "
                "another --to."
            )
        for name, text in written.items():
            write_whole(to / name, text)
            blanks = text.count(BLANK)
            print_message(screen.results, f"{to / name}{f': {blanks} to be filled in' if blanks else ''}")
