"""`workshop event end`: end seats, or all of it, before their time."""

from __future__ import annotations

from typing import Annotated

import typer

from workshop.cli.commands.event.changes import Asking, asking
from workshop.cli.options import SANDBOX, StackName, Users, Yes
from workshop.model.counting import counted
from workshop.model.event.seats import workspace_name
from workshop.model.settings.section import given

Seat = Annotated[int | None, typer.Option("--seat", metavar="N", min=1, help="This seat only; unset: all of them.")]


def end(users: Users = None, stack: StackName = SANDBOX, seat: Seat = None, yes: Yes = False) -> None:
    """Has the keeper save and stop a seat, or every seat, and end the nodes that are then empty.

    What was saved can be restored and is kept; the event itself can't be begun again. Before its start it
    is called off, and everybody who was mailed an invitation is told.

    \b
    Examples:
      workshop event end --seat 7
      workshop event end --stack workshop --yes
    """
    with asking(users, stack) as asked:
        asked.check_seat(seat)
        asked.check_goes_on()
        what = "The whole event" if seat is None else workspace_name(seat)
        told = _told(asked) if seat is None else ""
        if not asked.is_confirmed(f"Save and stop now: {what}?{told}", yes=yes):
            return
        if seat is None:
            asked.records.end(asked.now, "ended by command")
        else:
            asked.records.change_seat(seat, finished_at=asked.now)
        asked.say_done(f"{what} is saved and stopped at the keeper's next look.{told}")


def _told(asked: Asking) -> str:
    """Before its start an event that ends is called off, and mail says so."""
    people = sum(1 for one in asked.store.invitations.all() if one.revoked_at is None)
    if asked.event.mail is None or not people or asked.now >= given(asked.stack.settings.window).start:
        return ""
    return f" {counted(people, 'person gets', 'people get')} a mail that it is called off."
