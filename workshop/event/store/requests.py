"""What people asked for, and what became of it; hands that are raised, and consent that was given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, insert, select, update
from sqlalchemy.exc import IntegrityError

from workshop.event.store.database import open_store
from workshop.event.store.tables import CONSENTS, HANDS, REQUESTS
from workshop.model.event.requests import Asked


@dataclass(frozen=True, kw_only=True)
class Hand:
    """A hand that was raised. closed_by: the person who lowered it."""

    seat: int
    raised_at: datetime
    text: str
    closed_at: datetime | None
    closed_by: str | None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of something that was asked for. problem: why it was not done; empty where it was."""

    number: int
    answer: Mapping[str, Any]
    problem: str


class Requests:
    """One event's. Methods raise sqlalchemy.exc.SQLAlchemyError where the database is away."""

    def __init__(self, url: str, event: str) -> None:
        """Opens the store at an SQLAlchemy URL. Raises what open_store does."""
        self._engine: Engine = open_store(url)
        self._event = event

    def close(self) -> None:
        """Gives the database's connections back."""
        self._engine.dispose()

    def ask(
        self, person: str, action: str, at: datetime, *, seat: int | None = None, data: Mapping[str, Any] | None = None
    ) -> int:
        """Has the keeper look at it; answers its number."""
        values = {"at": at, "person": person, "action": action, "seat": seat, "data": dict(data or {}), "problem": ""}
        with self._engine.begin() as connection:
            asked = insert(REQUESTS).values(event=self._event, **values).returning(REQUESTS.c.id)
            return connection.execute(asked).scalar_one()

    def unanswered(self) -> tuple[Asked, ...]:
        """Those that nobody has answered, the oldest first."""
        columns = REQUESTS.c
        asked = (
            select(columns.id, columns.at, columns.person, columns.action, columns.seat, columns.data)
            .where(columns.event == self._event, columns.answered_at.is_(None))
            .order_by(columns.id)
        )
        with self._engine.connect() as connection:
            return tuple(Asked(**row) for row in connection.execute(asked).mappings())

    def answer(self, number: int, at: datetime, answer: Mapping[str, Any] | None = None, problem: str = "") -> None:
        """Says what came of it; what people wrote is not kept here any longer."""
        values = {"answered_at": at, "answer": dict(answer or {}), "problem": problem, "data": {}}
        with self._engine.begin() as connection:
            connection.execute(
                update(REQUESTS).where(REQUESTS.c.event == self._event, REQUESTS.c.id == number).values(**values)
            )

    def outcome(self, number: int) -> Outcome | None:
        """What came of a request; None while nobody has answered it."""
        columns = REQUESTS.c
        asked = select(columns.answer, columns.problem).where(
            columns.event == self._event, columns.id == number, columns.answered_at.is_not(None)
        )
        with self._engine.connect() as connection:
            found = connection.execute(asked).first()
        return None if found is None else Outcome(number=number, answer=found.answer or {}, problem=found.problem)

    def raise_hand(self, seat: int, at: datetime, text: str) -> None:
        """Raises a seat's hand; one that is up stays up, with the newest words."""
        mine = (HANDS.c.event == self._event, HANDS.c.seat == seat, HANDS.c.closed_at.is_(None))
        with self._engine.begin() as connection:
            if connection.execute(update(HANDS).where(*mine).values(text=text)).rowcount:
                return
        self._add(HANDS, {"seat": seat, "raised_at": at, "text": text})

    def lower_hand(self, seat: int, at: datetime, by: str) -> None:
        """Lowers a seat's hand, where it is up."""
        mine = (HANDS.c.event == self._event, HANDS.c.seat == seat, HANDS.c.closed_at.is_(None))
        with self._engine.begin() as connection:
            connection.execute(update(HANDS).where(*mine).values(closed_at=at, closed_by=by))

    def hands(self) -> tuple[Hand, ...]:
        """Every hand that was raised, the oldest first."""
        columns = [column for column in HANDS.c if column.name != "event"]
        asked = select(*columns).where(HANDS.c.event == self._event).order_by(HANDS.c.raised_at)
        with self._engine.connect() as connection:
            return tuple(Hand(**row) for row in connection.execute(asked).mappings())

    def consent(self, seat: int, at: datetime, until: datetime) -> None:
        """Keeps that helpers may look into a seat's workspace until then."""
        self._add(CONSENTS, {"seat": seat, "given_at": at, "until": until})

    def withdraw_consent(self, seat: int, at: datetime) -> None:
        """Ends all that was given for a seat."""
        mine = (CONSENTS.c.event == self._event, CONSENTS.c.seat == seat, CONSENTS.c.until > at)
        with self._engine.begin() as connection:
            connection.execute(update(CONSENTS).where(*mine).values(until=at))

    def consents(self, now: datetime) -> Mapping[int, datetime]:
        """Seats into which helpers may look now, and until when."""
        asked = select(CONSENTS.c.seat, CONSENTS.c.until).where(CONSENTS.c.event == self._event, CONSENTS.c.until > now)
        with self._engine.connect() as connection:
            rows = connection.execute(asked.order_by(CONSENTS.c.until)).all()
        return {int(seat): until for seat, until in rows}

    def _add(self, table: Any, values: Mapping[str, object]) -> None:  # noqa: ANN401 - a Table
        """Once, however often it is done."""
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(table).values(event=self._event, **values))
        except IntegrityError:
            return
