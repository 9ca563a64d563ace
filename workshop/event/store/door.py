"""What the door shows, and what it asks of the keeper: as a role that has no more rights than that (door_rights.py)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, func, insert, select

from workshop.event.store.boards import Boards
from workshop.event.store.door_rights import READ
from workshop.event.store.tables import CONSENTS, EVENTS, EXTENSIONS, HANDS, RECEIPTS, REQUESTS, SEATS
from workshop.model.event.board.document import Board
from workshop.model.event.extensions import Extension


@dataclass(frozen=True, kw_only=True)
class Whole:
    """The event as a whole, as EventRecord has it."""

    heartbeat_at: datetime | None
    provisioned_at: datetime | None
    ended_at: datetime | None
    reason: str | None


@dataclass(frozen=True, kw_only=True)
class OwnSeat:
    """A seat as its person may see it, as SeatRecord has it."""

    seat: int
    name: str | None
    account: str | None
    is_found: bool
    is_wanted: bool
    finished_at: datetime | None
    failures: int
    workspace_id: str | None
    ready_build: int | None
    state: str
    save_wanted_at: datetime | None
    start_wanted_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Saved:
    """An attempt to save, as Receipt has it."""

    at: datetime
    result: str
    reason: str
    key: str


@dataclass(frozen=True, kw_only=True)
class Sent:
    """Something that was asked for. answered_at: None while nobody has answered. problem: why it was not done."""

    id: int
    at: datetime
    person: str
    action: str
    seat: int | None
    answered_at: datetime | None
    answer: Mapping[str, Any] | None
    problem: str


class DoorStore:
    """One event's. Methods raise sqlalchemy.exc.SQLAlchemyError where the database is away."""

    def __init__(self, engine: Engine, event: str) -> None:
        self._engine = engine
        self._event = event

    def whole(self) -> Whole | None:
        """The event as a whole; None before its keeper has run."""
        with self._engine.connect() as connection:
            found = connection.execute(select(*READ[EVENTS]).where(EVENTS.c.event == self._event)).mappings().first()
        return None if found is None else Whole(**found)

    def seat(self, number: int) -> OwnSeat | None:
        """One seat."""
        with self._engine.connect() as connection:
            mine = (SEATS.c.event == self._event, SEATS.c.seat == number)
            found = connection.execute(select(*READ[SEATS]).where(*mine)).mappings().first()
        return None if found is None else OwnSeat(**found)

    def before(self, number: int) -> int:
        """How many seats are started before this one: in the order of their numbers."""
        waiting = (SEATS.c.state == "planned", SEATS.c.is_wanted.is_(True), SEATS.c.seat < number)
        with self._engine.connect() as connection:
            asked = select(func.count(SEATS.c.seat)).where(SEATS.c.event == self._event, *waiting)
            return int(connection.scalar(asked) or 0)

    def extensions(self) -> tuple[Extension, ...]:
        """Every extension, the oldest first."""
        asked = select(*READ[EXTENSIONS]).where(EXTENSIONS.c.event == self._event).order_by(EXTENSIONS.c.made_at)
        with self._engine.connect() as connection:
            rows = connection.execute(asked).all()
        return tuple(
            Extension(seat=one.seat or None, made_at=one.made_at, ends_at=one.ends_at, hours=one.hours) for one in rows
        )

    def receipts(self, seat: int) -> tuple[Saved, ...]:
        """Attempts to save a seat's work, the newest first."""
        wanted = [column for column in READ[RECEIPTS] if column.name != "seat"]
        mine = (RECEIPTS.c.event == self._event, RECEIPTS.c.seat == seat)
        with self._engine.connect() as connection:
            rows = connection.execute(select(*wanted).where(*mine).order_by(RECEIPTS.c.at.desc())).mappings()
            return tuple(Saved(**row) for row in rows)

    def sent(self, person: str, since: datetime) -> tuple[Sent, ...]:
        """What somebody has asked for since then, the newest first."""
        columns = REQUESTS.c
        wanted = [column for column in READ[REQUESTS] if column.name != "data"]
        mine = (columns.event == self._event, columns.person == person, columns.at >= since)
        with self._engine.connect() as connection:
            rows = connection.execute(select(*wanted).where(*mine).order_by(columns.id.desc())).mappings()
            return tuple(Sent(**row) for row in rows)

    def ask(
        self, person: str, action: str, at: datetime, *, seat: int | None = None, data: Mapping[str, Any] | None = None
    ) -> None:
        """Has the keeper look at it. What waits already is not asked for again, however often a button is pressed."""
        columns = REQUESTS.c
        same = (columns.event == self._event, columns.person == person, columns.action == action)
        about = columns.seat.is_(None) if seat is None else columns.seat == seat
        waiting = select(columns.id, columns.data).where(*same, about, columns.answered_at.is_(None))
        values = {"at": at, "person": person, "action": action, "seat": seat, "data": dict(data or {}), "problem": ""}
        with self._engine.begin() as connection:
            if all(one.data != values["data"] for one in connection.execute(waiting)):
                connection.execute(insert(REQUESTS).values(event=self._event, **values))

    def looked_in(self, seat: int) -> tuple[datetime, ...]:
        """When helpers were let into a seat's workspace, the last one first."""
        columns = REQUESTS.c
        mine = (columns.event == self._event, columns.seat == seat, columns.action == "look-in", columns.problem == "")
        asked = select(columns.answered_at).where(*mine, columns.answered_at.is_not(None))
        with self._engine.connect() as connection:
            return tuple(connection.scalars(asked.order_by(columns.answered_at.desc())))

    def board(self) -> Board | None:
        """The keeper's last one."""
        return Boards(self._engine, self._event).last()

    def hand(self, seat: int) -> tuple[datetime, str] | None:
        """Since when a seat's hand is up, and what was said; None where it is not."""
        mine = (HANDS.c.event == self._event, HANDS.c.seat == seat, HANDS.c.closed_at.is_(None))
        with self._engine.connect() as connection:
            found = connection.execute(select(HANDS.c.raised_at, HANDS.c.text).where(*mine)).first()
        return None if found is None else (found.raised_at, found.text)

    def consent(self, seat: int, now: datetime) -> datetime | None:
        """Until when helpers may look into a seat's workspace; None where they may not."""
        mine = (CONSENTS.c.event == self._event, CONSENTS.c.seat == seat, CONSENTS.c.until > now)
        with self._engine.connect() as connection:
            return connection.scalar(select(func.max(CONSENTS.c.until)).where(*mine))
