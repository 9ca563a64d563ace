"""Takes people out of an event's store: names, addresses, accounts, links, and texts that may quote them.

What was paid, saved and done stays, by the number of each seat.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Engine, Table, delete, update

from workshop.event.store.tables import (
    BOARDS,
    EVENTS,
    HANDS,
    INVITATIONS,
    JOURNAL,
    LINKS,
    OUTBOX,
    RECEIPTS,
    REQUESTS,
    ROOM_CODES,
    SEATS,
    SESSIONS,
    WAITING,
)

_EMPTIED: Final[tuple[tuple[Table, dict[str, Any]], ...]] = (
    (SEATS, {"email": None, "name": None, "account": None, "problem": "", "restored": ""}),
    (INVITATIONS, {"email": None, "name": None}),
    (WAITING, {"email": None, "name": None}),
    (OUTBOX, {"problem": ""}),
    (HANDS, {"text": ""}),
    (REQUESTS, {"data": {}, "answer": None, "problem": ""}),
    (RECEIPTS, {"left_out": []}),
    (JOURNAL, {"text": ""}),
    (EVENTS, {"look": {}}),
)
_DELETED: Final = (LINKS, SESSIONS, ROOM_CODES, BOARDS)


def erase_people(engine: Engine, event: str) -> None:
    """All of an event's or nothing. Raises sqlalchemy.exc.SQLAlchemyError."""
    with engine.begin() as connection:
        for table, nothing in _EMPTIED:
            connection.execute(update(table).where(table.c.event == event).values(**nothing))
        for table in _DELETED:
            connection.execute(delete(table).where(table.c.event == event))
