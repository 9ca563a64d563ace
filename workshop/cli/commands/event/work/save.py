"""`workshop event save`: save work now."""

from workshop.cli.commands.event.changes import asking
from workshop.cli.commands.event.end import Seat
from workshop.cli.options import SANDBOX, StackName, Users
from workshop.cli.problem import CannotRun
from workshop.model.counting import counted
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
        running = [one.seat for one in asked.records.seats() if one.state in ("ready", "stopping")]
        wanted = [number for number in running if seat in (None, number)]
        if not wanted:
            raise CannotRun(
                "Nothing to save: no seat runs." if seat is None else f"{workspace_name(seat)} does not run."
            )
        for number in wanted:
            asked.records.change_seat(number, save_wanted_at=asked.now)
        what = counted(len(wanted), "seat") if seat is None else workspace_name(seat)
        asked.say_done(f"Work of {what} is saved at the keeper's next look.")
