"""`workshop event erase`: nothing of people is kept any more."""

from __future__ import annotations

from workshop.cli.commands.event.changes import asking
from workshop.cli.commands.event.work.bucket import bucket_of_event
from workshop.cli.options import SANDBOX, StackName, Users, Yes
from workshop.cli.problem import CannotRun
from workshop.model.counting import counted
from workshop.model.event.keeper import kept_until
from workshop.model.window.phases import moment


def erase(users: Users = None, stack: StackName = SANDBOX, yes: Yes = False) -> None:
    """Erases saved work in every version, and names, addresses and accounts from the event's store.

    Only once nothing of the event runs and accounts are as they were before, a day after it. What it cost, and what was
    done, stays by the number of each seat.

    \b
    Examples:
      workshop event erase --stack workshop --yes
    """
    with asking(users, stack) as asked:
        record = asked.records.event()
        if record.settled_at is None and asked.kept.seats and asked.now >= asked.kept.seats[0].spans[0].starts_at:
            raise CannotRun("The event still runs, or was not seen to have ended: workshop event end, then status.")
        if any(one.is_ours or one.is_banned for one in asked.records.seats()):
            raise CannotRun("The keeper gives accounts back a day after the event: erase people then.")
        until = moment(kept_until(asked.stack.settings))
        if not asked.is_confirmed(f"Erase all people and all saved work, which is kept until {until}?", yes=yes):
            return
        with bucket_of_event(asked.stack) as bucket:
            versions = bucket.erase(asked.event.name)
        asked.records.erase_people()
        asked.say_done(f"Erased: {counted(versions, 'version')} of saved work, and everybody in the roster.")
