"""Mail of an event: every mail is here before it is sent, so that whoever is killed knows what may have been sent."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, and_, insert, select, update
from sqlalchemy.exc import IntegrityError

from workshop.event.store.database import open_store
from workshop.event.store.tables import OUTBOX
from workshop.model.event.mail.outbox import Mail, State


class Outbox:
    """One event's. Methods raise sqlalchemy.exc.SQLAlchemyError where the database is away."""

    def __init__(self, url: str, event: str) -> None:
        """Opens the store at an SQLAlchemy URL. Raises what open_store does."""
        self._engine = open_store(url)
        self._event = event

    def close(self) -> None:
        """Gives the database's connections back."""
        self._engine.dispose()

    def all(self) -> tuple[Mail, ...]:
        """Every mail, in the order in which they were due."""
        asked = select(OUTBOX).where(OUTBOX.c.event == self._event)
        ordered = asked.order_by(OUTBOX.c.due_at, OUTBOX.c.kind, OUTBOX.c.person, OUTBOX.c.sequence)
        with self._engine.connect() as connection:
            rows = connection.execute(ordered).mappings().all()
        return tuple(_mail(row) for row in rows)

    def add(self, mails: Collection[Mail]) -> None:
        """Adds each unless it is there: who was killed after it does it again."""
        for mail in mails:
            try:
                with self._engine.begin() as connection:
                    connection.execute(insert(OUTBOX).values(event=self._event, **asdict(mail)))
            except IntegrityError:
                continue

    def claim(self, mail: Mail, at: datetime) -> bool:
        """Says that it is about to be sent; False where somebody else has said so since it was read."""
        unchanged = (OUTBOX.c.state == mail.state.value, OUTBOX.c.attempts == mail.attempts)
        values = {"state": State.SENDING, "attempts": mail.attempts + 1, "tried_at": at}
        with self._engine.begin() as connection:
            return connection.execute(update(OUTBOX).where(self._is(mail), *unchanged).values(**values)).rowcount == 1

    def finish(self, mail: Mail, state: State, problem: str = "") -> None:
        """Keeps how far it got."""
        with self._engine.begin() as connection:
            connection.execute(update(OUTBOX).where(self._is(mail)).values(state=state, problem=problem))

    def _is(self, mail: Mail) -> ColumnElement[bool]:
        return and_(
            OUTBOX.c.event == self._event,
            OUTBOX.c.person == mail.person,
            OUTBOX.c.kind == mail.kind,
            OUTBOX.c.sequence == mail.sequence,
        )


def _mail(row: RowMapping) -> Mail:
    values: dict[str, Any] = {key: value for key, value in row.items() if key != "event"}
    values["state"] = State(values["state"])
    return Mail(**values)
