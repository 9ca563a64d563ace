"""`workshop event participants`: who may come, and how they fare."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workshop.cli.commands.event.changes import asking
from workshop.cli.commands.event.people.remind import WHO, offer_reminders
from workshop.cli.options import SANDBOX, AsJson, StackName, Users
from workshop.cli.problem import CannotRun
from workshop.cli.render.event.participants import Participants, participants_json, print_participants
from workshop.event.store.failing import failing_steps
from workshop.event.store.records import Records, SeatRecord
from workshop.model.event.inviting import seat_of
from workshop.model.event.roster.problems import RosterError
from workshop.model.event.roster.read import read_roster

Roster = Annotated[
    Path | None,
    typer.Option("--add", metavar="FILE", help="Give everybody in this CSV file a seat: email,name,account,accepted."),
]


def participants(users: Users = None, stack: StackName = SANDBOX, add: Roster = None, as_json: AsJson = False) -> None:
    """Shows who has a seat, whether they came, what is in trouble, and what each seat has saved.

    --add is all or nothing. Seats have numbers in the order of the file; who is in it already keeps theirs. In a
    terminal it asks whether reminders are sent to who did not accept, or did not try.

    \b
    Examples:
      workshop event participants --add roster.csv
      workshop event participants --json
    """
    with asking(users, stack, as_json=as_json) as asked:
        store, screen = asked.store, asked.screen
        if add is not None:
            _add(store.records, add, asked.plan.seats)
        found = Participants(
            seats=store.records.seats(),
            receipts=store.records.receipts(),
            failing=failing_steps(store.records.engine, asked.event.name),
            invited={one.seat: one for one in store.invitations.all() if one.seat is not None},
        )
        if as_json:
            screen.results.print(participants_json(found), soft_wrap=True)
            return
        print_participants(found, asked.plan.seats, screen.results)
        if found.invited and asked.event.mail is not None and screen.can_ask:
            offer_reminders(asked, WHO, yes=False)


def _add(records: Records, file: Path, places: int) -> None:
    known = records.seats()
    try:
        people = read_roster(file.read_bytes(), places).people
    except RosterError as error:
        raise CannotRun(f"{file} can't be used: {error}") from None
    new = [person for person in people if seat_of(person, known) is None]
    if len(known) + len(new) > places:
        raise CannotRun(f"{file}: {len(new)} more people would be more than the {places} seats: raise workshop:users")
    first = max((seat.seat for seat in known), default=0) + 1
    records.add_seats(
        [
            SeatRecord(
                seat=number,
                email=person.email,
                name=person.name,
                account=person.account,
                is_wanted=person.accepted is not False,
            )
            for number, person in enumerate(new, first)
        ]
    )
