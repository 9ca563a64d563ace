"""`workshop event restore`: saved work, back in a workspace."""

from __future__ import annotations

from typing import Annotated

import typer

from workshop.cli.commands.event.changes import asking
from workshop.cli.options import SANDBOX, StackName, Users
from workshop.cli.problem import CannotRun
from workshop.model.event.seats import workspace_name

Into = Annotated[int, typer.Option("--seat", metavar="N", min=1, help="Into this seat's workspace.")]
From = Annotated[int | None, typer.Option("--from-seat", metavar="M", min=1, help="Work of this seat; unset: its own.")]


def restore(into: Into, users: Users = None, stack: StackName = SANDBOX, from_seat: From = None) -> None:
    """Has the keeper put saved work into a seat's workspace, as soon as that is ready. Files there are not replaced.

    Its own work is that of its last build before the one that runs. workshop event participants says what became of it.

    \b
    Examples:
      workshop event restore --seat 7
      workshop event restore --seat 56 --from-seat 7
    """
    with asking(users, stack) as asked:
        source = into if from_seat is None else from_seat
        asked.check_seat(into)
        asked.check_seat(source)
        asked.check_goes_on()
        if not any(one.seat == source and one.key for one in asked.records.receipts()):
            raise CannotRun(f"Nothing of {workspace_name(source)} was saved yet: workshop event save --seat {source}")
        asked.records.change_seat(into, restore_from=source, restored="")
        asked.say_done(f"Work of {workspace_name(source)} is put into {workspace_name(into)} once that is ready.")
