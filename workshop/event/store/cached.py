"""What the keeper remembers: as the store has it; while that is away, as it had it last, with what came since."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from workshop.event.store.boards import Boards
from workshop.event.store.invitations import Invitations
from workshop.event.store.ledger import Ledger
from workshop.event.store.local_journal import LocalJournal
from workshop.event.store.outbox import Outbox
from workshop.event.store.records import Records, SeatRecord
from workshop.event.store.requests import Requests
from workshop.event.store.waiting import Room
from workshop.model.event.extensions import extended
from workshop.model.event.receipts import Receipt
from workshop.model.event.seats import Seat, Span, own_spans, regions_of_seats
from workshop.model.event.steps import Step
from workshop.model.event.world import Ending, EventState
from workshop.model.ledger import Bill, NodeRun, bill
from workshop.model.plan.event import plan_event
from workshop.model.settings.section import given
from workshop.model.settings.stack import Settings


@dataclass(frozen=True, kw_only=True)
class Store:
    """Where an event is kept."""

    records: Records
    ledger: Ledger
    invitations: Invitations
    outbox: Outbox
    requests: Requests
    room: Room
    boards: Boards


@contextmanager
def opened(url: str, event: str) -> Generator[Store]:
    """All that is kept of an event at an SQLAlchemy URL, until this ends. Raises what open_store does."""
    with (
        closing(Records(url, event)) as records,
        closing(Ledger(url, event)) as ledger,
        closing(Invitations(url, event)) as invitations,
        closing(Outbox(url, event)) as outbox,
        closing(Requests(url, event)) as requests,
        closing(Room(url, event)) as room,
    ):
        yield Store(
            records=records,
            ledger=ledger,
            invitations=invitations,
            outbox=outbox,
            requests=requests,
            room=room,
            boards=Boards(records.engine, event),
        )


@dataclass(frozen=True, kw_only=True)
class _Recalled:
    """What the store said last."""

    kept: EventState
    seats: tuple[SeatRecord, ...]
    runs: tuple[NodeRun, ...]
    looks: Mapping[str, datetime]


class CachedStore:
    """One event's. is_away: whether the store did not answer at the last look. file: for what is done meanwhile."""

    def __init__(self, store: Store, settings: Settings, file: Path) -> None:
        self.records = store.records
        self.is_away = False
        self._ledger = store.ledger
        self._settings = settings
        self._offline = LocalJournal(file)
        self._last: _Recalled | None = None
        self._runs: tuple[NodeRun, ...] = ()

    def recall(self, generation: int, now: datetime) -> EventState:
        """All that is kept of the event, for the keeper of this generation.

        Raises Superseded where another one has taken over, SQLAlchemyError where the store has not answered yet.
        """
        try:
            self.records.beat(generation, now)
            self._offline.merge(self.records)
            kept = remember(self.records, self._settings)
            seats, runs, looks = self.records.seats(), self._ledger.runs(), self._ledger.looks()
        except SQLAlchemyError:
            if self._last is None:
                raise
            self.is_away = True
            return self._offline.complete(self._last.kept)
        self.is_away = False
        self._last = _Recalled(kept=kept, seats=seats, runs=runs, looks=looks)
        return kept

    def bill(self, found: Mapping[str, tuple[NodeRun, ...] | None], now: datetime) -> Bill:
        """The bill with what EC2 said now, which is kept; None of a region that was not seen."""
        self._runs, looks = self._runs_and_looks(found, now)
        regions = [region.name for region in self._settings.regions]
        event, plan = given(self._settings.event), given(plan_event(self._settings))
        return bill(event, plan, self._runs, {region: looks.get(region) for region in regions}, now)

    def begin(self, generation: int, step: Step, at: datetime) -> None:
        """Writes down what is about to be done. Raises Superseded."""
        try:
            self.records.begin(generation, step, at)
        except SQLAlchemyError:
            self._offline.begin(generation, step, at)

    def finish(self, generation: int, step: Step, at: datetime, *, said: str = "", problem: str = "") -> None:
        """Writes down how it ended."""
        try:
            self.records.finish(generation, step, at, said=said, problem=problem)
        except SQLAlchemyError:
            self._offline.finish(generation, step, at, said=said, problem=problem)

    def add_receipt(self, receipt: Receipt) -> None:
        """Keeps an attempt to save."""
        try:
            self.records.add_receipt(receipt)
        except SQLAlchemyError:
            self._offline.add_receipt(receipt)

    def end(self, at: datetime, reason: str) -> None:
        """Ends the event; one that has ended stays as it is."""
        try:
            self.records.end(at, reason)
        except SQLAlchemyError:
            self._offline.end(at, reason)

    def add_ended_claim(self, instance: str, at: datetime) -> None:
        """Keeps when the claim of an instance was deleted first."""
        try:
            self.records.add_ended_claim(instance, at)
        except SQLAlchemyError:
            self._offline.add_ended_claim(instance, at)

    def seats(self) -> tuple[SeatRecord, ...]:
        """Every seat, as it is kept."""
        return () if self._last is None else self._last.seats

    def runs(self) -> tuple[NodeRun, ...]:
        """Of every node, as the last bill was made of them."""
        return self._runs

    def last_receipts(self) -> Mapping[int, Receipt]:
        """Of the last attempt to save each seat."""
        return {} if self._last is None else self._offline.complete(self._last.kept).receipts

    def _runs_and_looks(
        self, found: Mapping[str, tuple[NodeRun, ...] | None], now: datetime
    ) -> tuple[tuple[NodeRun, ...], Mapping[str, datetime]]:
        seen = {region: runs for region, runs in found.items() if runs is not None}
        try:
            for region, runs in seen.items():
                self._ledger.record(region, runs, now)
            return self._ledger.runs(), self._ledger.looks()
        except SQLAlchemyError:
            last = self._last
        known = {run.instance: run for run in (last.runs if last else ()) if run.region not in seen}
        known |= {run.instance: run for runs in seen.values() for run in runs}
        ended = [run for run in (last.runs if last else ()) if run.instance not in known and run.ended_at is not None]
        return (*known.values(), *ended), {**(last.looks if last else {}), **dict.fromkeys(seen, now)}


def remember(records: Records, settings: Settings) -> EventState:
    """All that is kept of the event. Raises ValueError where the settings have no event or window."""
    event, window, plan = given(settings.event), given(settings.window), given(plan_event(settings))
    whole, extensions, found = records.event(), records.extensions(), records.seats()
    spans = own_spans(event, plan, window, whole.provisioned_at)
    regions = regions_of_seats(settings.regions, max((one.seat for one in found), default=0))
    seats = tuple(
        _seat(one, regions[one.seat - 1] if event.region_parameter else "", extended(spans, one.seat, extensions))
        for one in found
    )
    ending = None if whole.ended_at is None else Ending(at=whole.ended_at, reason=whole.reason or "")
    return EventState(
        seats=seats,
        receipts={receipt.seat: receipt for receipt in records.receipts()},
        notices=records.notices(),
        ended_claims=records.ended_claims(),
        ending=ending,
        settled_at=whole.settled_at,
        keys=frozenset(one.key_alias for one in found if one.key_alias),
        claimed=frozenset(one.seat for one in found if one.is_ours or one.is_banned),
        banned=frozenset(one.account for one in found if one.account and one.is_banned),
    )


def _seat(record: SeatRecord, region: str, spans: tuple[Span, ...]) -> Seat:
    return Seat(
        number=record.seat,
        owner=record.account if record.is_found else None,
        spans=spans,
        region=region,
        is_wanted=record.is_wanted,
        finished_at=record.finished_at,
        failures=record.failures,
        workspace_id=record.workspace_id,
        ready_build=record.ready_build,
        save_wanted_at=record.save_wanted_at,
        restore_from=record.restore_from,
        start_wanted_at=record.start_wanted_at,
        restart_wanted_at=record.restart_wanted_at,
        move_wanted_at=record.move_wanted_at,
    )
