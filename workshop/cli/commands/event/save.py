"""`workshop event save`: save work now."""

from workshop.cli.commands.event.changes import asking
from workshop.cli.commands.event.end import Seat
from workshop.cli.options import SANDBOX, StackName, Users
from workshop.model.event.seats import workspace_name


def save(users: Users = None, stack: StackName = SANDBOX, seat: Seat = None) -> None:
    """Has the keeper save the work of a seat, or of all that run, now. It does so every half an hour by itself.

    \b
    Examples:
      workshop event save
      workshop event save --seat 7
    """
    with asking(users, stack) as asked:
        asked.check_seat(seat)
        for one in asked.kept.seats:
            if seat in (None, one.number):
                asked.records.change_seat(one.number, save_wanted_at=asked.now)
        what = "Work of all seats that run" if seat is None else f"Work of {workspace_name(seat)}"
        asked.say_done(f"{what} is saved now.")
