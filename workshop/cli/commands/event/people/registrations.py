"""`workshop event registrations`: who registered, as a roster."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workshop.cli.options import SANDBOX, StackName
from workshop.cli.problem import CannotRun
from workshop.cli.render.message import print_command, print_message
from workshop.cli.session import reporting_problems
from workshop.cli.shell import workshop_command
from workshop.model.counting import counted
from workshop.model.event.roster.problems import RosterError
from workshop.model.event.roster.registrations import Registered, read_registrations
from workshop.sandbox.files import write_private

File = Annotated[Path, typer.Argument(metavar="FILE.csv", help="Registrations, as the form's tool exports them.")]
To = Annotated[Path, typer.Option("--to", metavar="ROSTER.csv", help="The roster to write, for nobody else to read.")]


def registrations(file: File, to: To, stack: StackName = SANDBOX) -> None:
    """Makes a roster of who registered, and says whom it leaves out: cancelled, on a waiting list, without an address.

    Columns are known by their headings, in any order: e-mail, name, or first and last name, and whether somebody comes.
    Who registered twice is in it once.

    \b
    Examples:
      workshop event registrations form.csv --to roster.csv
    """
    with reporting_problems(stack) as screen:
        try:
            found = read_registrations(file.read_bytes())
        except RosterError as error:
            raise CannotRun(f"{file} can't be used: {error}") from None
        write_private(to, found.roster())
        print_message(screen.results, f"{counted(len(found.people), 'person', 'people')} in {to}.")
        for left_out in _left_out(found):
            print_message(screen.results, f"Left out: {left_out}.")
        screen.results.print("Next:")
        print_command(screen.results, workshop_command(stack, f"event invite {to}"))


def _left_out(found: Registered) -> list[str]:
    said = {
        "who registered again": found.repeated,
        "who do not come, or are on a waiting list": found.not_coming,
    }
    several = [f"{number} {who}" for who, number in said.items() if number]
    rows = ", ".join(map(str, found.wrong_rows[:10]))
    more = f" and {len(found.wrong_rows) - 10} more" if len(found.wrong_rows) > 10 else ""
    return [*several, *([f"rows without an address: {rows}{more}"] if found.wrong_rows else [])]
