"""What the keeper remembers of an event: its seats and receipts, what was told, and every step in a journal."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Table, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from workshop.event.store.database import open_store
from workshop.event.store.erasure import erase_people
from workshop.event.store.tables import (
    ENDED_CLAIMS,
    EVENTS,
    EXTENSIONS,
    JOURNAL,
    NODE_RUNS,
    NOTICES,
    RECEIPTS,
    SEATS,
)
from workshop.model.event.extensions import Extension
from workshop.model.event.receipts import Receipt
from workshop.model.event.steps import Step

_SUBJECT = 128
"""Characters of a journal's subject."""

_ALL_SEATS = 0
"""Stands for every seat where an extension is for all."""


class Superseded(Exception):
    """Another keeper has taken over: this one's steps are void."""


@dataclass(frozen=True, kw_only=True)
class EventRecord:
    """The event as a whole. generation: of the keeper that may act. provisioned_at: when somebody had it begin early.

    ended_at, reason: its end before its seats' own. settled_at: when nothing of it ran any more. look: what the
    keeper's last one has to say beside seats and money, by what it is about.
    """

    generation: int
    heartbeat_at: datetime | None
    provisioned_at: datetime | None
    ended_at: datetime | None
    reason: str | None
    settled_at: datetime | None
    look: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class SeatRecord:
    """One seat as it is kept. email, name, account: None once they were erased; account also before there is one.

    is_found: whether Coder has the account; is_ours: whether it was made for this event. is_banned: whether we keep it
    from creating workspaces; had_ban: whether it was kept from that before, None while unknown. problem: why its last
    start failed. state: as the keeper saw it last. save_wanted_at: when somebody asked for a save.

    restore_from: the seat whose work is to be put into its workspace; restored: what became of the last such request.
    key_alias: LiteLLM's name of its key; the key itself is not kept. start_wanted_at: when somebody asked for a start.
    ends_at: when what runs ends, as the keeper saw it last.
    """

    seat: int
    email: str | None
    name: str | None
    account: str | None = None
    is_found: bool = False
    is_wanted: bool = True
    is_ours: bool = False
    had_ban: bool | None = None
    is_banned: bool = False
    finished_at: datetime | None = None
    failures: int = 0
    problem: str = ""
    workspace_id: str | None = None
    ready_build: int | None = None
    state: str = "planned"
    save_wanted_at: datetime | None = None
    restore_from: int | None = None
    restored: str = ""
    key_alias: str | None = None
    start_wanted_at: datetime | None = None
    restart_wanted_at: datetime | None = None
    move_wanted_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A line of the journal. phase: begun, done or failed; of action `seat`, the state in which one was seen."""

    generation: int
    at: datetime
    action: str
    subject: str
    phase: str
    text: str


def names_of_events(url: str) -> frozenset[str]:
    """Every event of which the store at an SQLAlchemy URL has something. Raises what open_store does."""
    engine = open_store(url)
    try:
        with engine.connect() as connection:
            return frozenset(connection.scalars(select(EVENTS.c.event).union(select(NODE_RUNS.c.event))))
    finally:
        engine.dispose()


class Records:
    """One event's. Methods raise sqlalchemy.exc.SQLAlchemyError where the database is away."""

    def __init__(self, url: str, event: str) -> None:
        """Opens the store at an SQLAlchemy URL. Raises what open_store does."""
        self._engine = open_store(url)
        self._event = event
        self._add(EVENTS, {"generation": 0, "look": {}})

    @property
    def engine(self) -> Engine:
        """Of the store, for what else is kept there of the event."""
        return self._engine

    def close(self) -> None:
        """Gives the database's connections back."""
        self._engine.dispose()

    def event(self) -> EventRecord:
        """The event as a whole."""
        return EventRecord(**next(self._rows(EVENTS)))

    def take_over(self, at: datetime) -> int:
        """Makes whoever calls the keeper, and all before it void; answers its generation."""
        with self._engine.begin() as connection:
            last = connection.scalar(select(EVENTS.c.generation).where(self._is_ours(EVENTS)).with_for_update())
            taken = (last or 0) + 1
            self._set(connection, EVENTS, {"generation": taken, "heartbeat_at": at})
            return taken

    def beat(self, generation: int, at: datetime) -> None:
        """Says that this keeper lives. Raises Superseded."""
        with self._engine.begin() as connection:
            self._check(connection, generation)
            self._set(connection, EVENTS, {"heartbeat_at": at})

    def keep_look(self, said: Mapping[str, str]) -> None:
        """Keeps what the last look has to say."""
        with self._engine.begin() as connection:
            self._set(connection, EVENTS, {"look": dict(said)})

    def end(self, at: datetime, reason: str) -> None:
        """Ends the event; one that has ended stays as it is."""
        with self._engine.begin() as connection:
            self._set(connection, EVENTS, {"ended_at": at, "reason": reason}, EVENTS.c.ended_at.is_(None))

    def provision(self, at: datetime) -> None:
        """Has the event's seats begin then, if they have not begun."""
        with self._engine.begin() as connection:
            self._set(connection, EVENTS, {"provisioned_at": at}, EVENTS.c.provisioned_at.is_(None))

    def settle(self, at: datetime) -> None:
        """Keeps when nothing of the event ran any more."""
        with self._engine.begin() as connection:
            self._set(connection, EVENTS, {"settled_at": at}, EVENTS.c.settled_at.is_(None))

    def add_seats(self, seats: Collection[SeatRecord]) -> None:
        """Adds all or none. Raises IntegrityError where a number is taken."""
        with self._engine.begin() as connection:
            for seat in seats:
                connection.execute(insert(SEATS).values(event=self._event, **asdict(seat)))

    def seats(self) -> tuple[SeatRecord, ...]:
        """Every seat, by number."""
        return tuple(SeatRecord(**row) for row in self._rows(SEATS, SEATS.c.seat))

    def change_seat(self, seat: int, **values: object) -> None:
        """Sets what SeatRecord has of a seat."""
        with self._engine.begin() as connection:
            self._set(connection, SEATS, values, SEATS.c.seat == seat)

    def count_failure(self, seat: int, problem: str) -> None:
        """One more start of this seat has failed."""
        self.change_seat(seat, failures=SEATS.c.failures + 1, problem=problem)

    def extend(self, extension: Extension) -> None:
        """Adds an extension."""
        with self._engine.begin() as connection:
            last = connection.scalar(select(func.max(EXTENSIONS.c.id)).where(self._is_ours(EXTENSIONS))) or 0
            values = {**asdict(extension), "seat": extension.seat or _ALL_SEATS, "id": last + 1}
            connection.execute(insert(EXTENSIONS).values(event=self._event, **values))

    def extensions(self) -> tuple[Extension, ...]:
        """Every extension, the oldest first."""
        rows = self._rows(EXTENSIONS, EXTENSIONS.c.id)
        return tuple(
            Extension(seat=row["seat"] or None, made_at=row["made_at"], ends_at=row["ends_at"], hours=row["hours"])
            for row in rows
        )

    def add_receipt(self, receipt: Receipt) -> None:
        """Keeps an attempt to save; the same one twice is one."""
        self._add(RECEIPTS, receipt.model_dump())

    def receipts(self) -> tuple[Receipt, ...]:
        """Every attempt to save, the oldest first."""
        rows = self._rows(RECEIPTS, RECEIPTS.c.at, RECEIPTS.c.seat)
        return tuple(Receipt.model_validate(row) for row in rows)

    def add_notice(self, seat: int, minutes: int, ends_at: datetime, at: datetime) -> None:
        """Keeps that a warning was given."""
        self._add(NOTICES, {"seat": seat, "minutes": minutes, "ends_at": ends_at, "given_at": at})

    def notices(self) -> frozenset[tuple[int, int, datetime]]:
        """Warnings that were given: seat, minutes before, end."""
        return frozenset((row["seat"], row["minutes"], row["ends_at"]) for row in self._rows(NOTICES))

    def add_ended_claim(self, instance: str, at: datetime) -> None:
        """Keeps when the claim of an instance was deleted first."""
        self._add(ENDED_CLAIMS, {"instance": instance, "deleted_at": at})

    def ended_claims(self) -> Mapping[str, datetime]:
        """When the claim of each instance was deleted."""
        return {row["instance"]: row["deleted_at"] for row in self._rows(ENDED_CLAIMS)}

    def begin(self, generation: int, step: Step, at: datetime) -> None:
        """Writes down what is about to be done. Raises Superseded."""
        with self._engine.begin() as connection:
            self._check(connection, generation)
            self._write(connection, generation, step, at, "begun", step.why)

    def finish(self, generation: int, step: Step, at: datetime, *, said: str = "", problem: str = "") -> None:
        """Writes down that it was done, and what it said; or why it failed."""
        with self._engine.begin() as connection:
            self._write(connection, generation, step, at, "failed" if problem else "done", problem or said)

    def note(self, at: datetime, action: str, subject: str, phase: str, text: str = "") -> None:
        """Writes down what is no step: what was seen, or asked for."""
        line = {"generation": self.event().generation, "at": at, "action": action, "phase": phase, "text": text}
        self.add_entry({**line, "subject": subject[:_SUBJECT]})

    def add_entry(self, values: Mapping[str, object]) -> None:
        """Adds a line that was written elsewhere, with the values of an Entry."""
        with self._engine.begin() as connection:
            connection.execute(insert(JOURNAL).values(event=self._event, **values))

    def journal(self) -> tuple[Entry, ...]:
        """Every line, the oldest first."""
        rows = self._rows(JOURNAL, JOURNAL.c.id)
        return tuple(Entry(**{key: value for key, value in row.items() if key != "id"}) for row in rows)

    def erase_people(self) -> None:
        """Takes names, addresses and accounts out of the store, and texts that may quote them.

        What was paid, saved and done stays, by seat.
        """
        erase_people(self._engine, self._event)

    def _is_ours(self, table: Table) -> ColumnElement[bool]:
        return table.c.event == self._event

    def _rows(self, table: Table, *order: ColumnElement[Any]) -> Iterator[dict[str, Any]]:
        """An event's rows, without its name."""
        with self._engine.connect() as connection:
            found = connection.execute(select(table).where(self._is_ours(table)).order_by(*order)).mappings().all()
        for row in found:
            yield {key: value for key, value in row.items() if key != "event"}

    def _add(self, table: Table, values: Mapping[str, object]) -> None:
        """Adds a row unless there is one of its key: who was killed after it does it again."""
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(table).values(event=self._event, **values))
        except IntegrityError:
            return

    def _set(
        self, connection: Connection, table: Table, values: Mapping[str, object], *where: ColumnElement[bool]
    ) -> None:
        connection.execute(update(table).where(self._is_ours(table), *where).values(**values))

    def _check(self, connection: Connection, generation: int) -> None:
        now = connection.scalar(select(EVENTS.c.generation).where(self._is_ours(EVENTS)).with_for_update())
        if now != generation:
            raise Superseded(f"keeper {now} has taken over from keeper {generation}")

    def _write(self, connection: Connection, generation: int, step: Step, at: datetime, phase: str, text: str) -> None:
        line = {"generation": generation, "at": at, "action": step.action.value, "subject": step.subject}
        connection.execute(insert(JOURNAL).values(event=self._event, phase=phase, text=text, **line))
