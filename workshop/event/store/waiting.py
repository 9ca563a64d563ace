"""The room's code, and who came by it and waits for a helper. Of the code only its hash is kept."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, insert, select, update

from workshop.event.store.database import open_store
from workshop.event.store.invitations import hash_of
from workshop.event.store.records import SeatRecord
from workshop.event.store.tables import INVITATIONS, ROOM_CODES, SEATS, WAITING
from workshop.model.event.people import Invitation

_LETTERS: Final = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
"""Without what is taken for another one on a wall."""

_LENGTH: Final = 10
"""Of a code: 49 bits, for as long as the room is open."""


def plain_code(typed: str) -> str:
    """A code as it is kept, whatever its typing: without case, spaces and dashes."""
    return "".join(letter for letter in typed.upper() if letter.isalnum())


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Somebody in the queue. email, name: None once they have a seat, or were erased. person: whom they became."""

    id: str
    email: str | None
    name: str | None
    came_at: datetime
    admitted_at: datetime | None
    person: str | None


class Room:
    """One event's. Methods raise sqlalchemy.exc.SQLAlchemyError where the database is away."""

    def __init__(self, url: str, event: str) -> None:
        """Opens the store at an SQLAlchemy URL. Raises what open_store does."""
        self._engine = open_store(url)
        self._event = event

    def close(self) -> None:
        """Gives the database's connections back."""
        self._engine.dispose()

    def open(self, now: datetime, until: datetime) -> str:
        """Opens the room with a new code, which is kept nowhere; one from before does not work any more."""
        code = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
        with self._engine.begin() as connection:
            connection.execute(delete(ROOM_CODES).where(ROOM_CODES.c.event == self._event))
            values = {"hash": hash_of(code), "opened_at": now, "closes_at": until}
            connection.execute(insert(ROOM_CODES).values(event=self._event, **values))
        return f"{code[:5]}-{code[5:]}"

    def shut(self) -> None:
        """No code works any more; who waits still waits."""
        with self._engine.begin() as connection:
            connection.execute(delete(ROOM_CODES).where(ROOM_CODES.c.event == self._event))

    def queue(self) -> tuple[Waiting, ...]:
        """Who waits, the first who came first."""
        return tuple(one for one in self._all() if one.admitted_at is None)

    def of(self, identity: str) -> Waiting | None:
        """One of those who came; None if nobody did under this id."""
        return next((one for one in self._all() if one.id == identity), None)

    def admit(
        self, identity: str, seat: SeatRecord | None, invitation: Invitation | None, person: str, at: datetime
    ) -> None:
        """Makes somebody who waits this person, with a new seat and invitation where these are given, all or nothing.

        Raises IntegrityError where the seat is taken.
        """
        mine = (WAITING.c.event == self._event, WAITING.c.id == identity)
        gone: Mapping[str, object] = {"admitted_at": at, "person": person, "email": None, "name": None}
        with self._engine.begin() as connection:
            if seat is not None:
                connection.execute(insert(SEATS).values(event=self._event, **asdict(seat)))
            if invitation is not None:
                connection.execute(insert(INVITATIONS).values(event=self._event, **asdict(invitation)))
            connection.execute(update(WAITING).where(*mine).values(**gone))

    def _all(self) -> tuple[Waiting, ...]:
        columns = [column for column in WAITING.c if column.name != "event"]
        asked = select(*columns).where(WAITING.c.event == self._event).order_by(WAITING.c.came_at, WAITING.c.id)
        with self._engine.connect() as connection:
            return tuple(Waiting(**row) for row in connection.execute(asked).mappings())
