"""Keeps the board of each look, with what the store, the pods and LiteLLM say beside it.

Pods and LiteLLM are asked beside the looks, now and then: what they said last is shown until they say it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from typing import Final

from workshop.event.failure import EventFailure
from workshop.event.keeper.in_pods import Measures
from workshop.event.keeper.seat_keys import SeatKeys
from workshop.event.store.cached import CachedStore, Store
from workshop.model.event.board.compose import Facts, compose
from workshop.model.event.board.needs import SeatNotes
from workshop.model.event.seat_steps import at_this_look
from workshop.model.event.world import EventState, Observed, Pod
from workshop.model.plan.event import plan_event
from workshop.model.settings.section import given
from workshop.model.settings.stack import Settings

MEASURE_EVERY: Final = timedelta(minutes=5)
MEASURES_AT_A_LOOK: Final = 25
"""Five hundred seats are gone through in MEASURE_EVERY, at a look each 15 seconds."""

KEYS_EVERY: Final = timedelta(minutes=1)
KEYS: Final = "LiteLLM's keys"
_AT_ONCE: Final = 8


class Showing:
    """One event's."""

    def __init__(
        self, settings: Settings, store: Store, memory: CachedStore, measures: Measures, seat_keys: SeatKeys | None
    ) -> None:
        self._event, self._plan = given(settings.event), given(plan_event(settings))
        self._window = given(settings.window)
        self._store = store
        self._memory = memory
        self._measures = measures
        self._seat_keys = seat_keys
        self._pool = ThreadPoolExecutor(_AT_ONCE)
        self._measuring: dict[int, Future[int]] = {}
        self._measured: dict[int, tuple[int, datetime]] = {}
        self._tried_at: dict[int, datetime] = {}
        self._asking: Future[Mapping[str, str]] | None = None
        self._asked_at: datetime | None = None
        self._keys: Mapping[str, str] = {}
        self._problem = ""

    def close(self) -> None:
        """Waits for what runs."""
        self._pool.shutdown(cancel_futures=True)

    def keep(self, kept: EventState, seen: Observed, problems: Mapping[str, str], *, all_of_it: bool = True) -> None:
        """Keeps the board of this look, from before its steps. all_of_it: waits for pods and LiteLLM, too.

        Raises SQLAlchemyError.
        """
        self._look_closer(kept, seen)
        if all_of_it:
            wait(self._measuring.values())
            wait([self._asking] if self._asking else [])
        self._collect(seen.now)
        facts = Facts(
            event=self._event,
            plan=self._plan,
            window=self._window,
            kept=kept,
            seen=seen,
            runs=self._memory.runs(),
            at_the_door=len(self._store.room.queue()),
            notes=self._notes(),
            problems={**problems, **({KEYS: self._problem} if self._problem else {})},
        )
        self._store.boards.keep(compose(facts, self._store.boards.last()))

    def _look_closer(self, kept: EventState, seen: Observed) -> None:
        """Begins to ask what was not asked for long."""
        pods: dict[int, Pod] = {}
        for seat in kept.seats:
            pod, tried_at = at_this_look(seat, kept, seen).pod, self._tried_at.get(seat.number)
            is_due = tried_at is None or seen.now - tried_at >= MEASURE_EVERY
            if pod is not None and pod.is_running and is_due and seat.number not in self._measuring:
                pods[seat.number] = pod
        for number in list(pods)[:MEASURES_AT_A_LOOK]:
            self._tried_at[number] = seen.now
            self._measuring[number] = self._pool.submit(self._measures, pods[number])
        aliases = {one.key_alias for one in self._memory.seats() if one.key_alias}
        is_due = self._asked_at is None or seen.now - self._asked_at >= KEYS_EVERY
        if self._seat_keys is not None and aliases and is_due and self._asking is None:
            self._asked_at = seen.now
            self._asking = self._pool.submit(self._seat_keys.problems, aliases, seen.now)

    def _collect(self, now: datetime) -> None:
        """What was answered meanwhile; a pod that was not measured stays as it was."""
        for number, measuring in list(self._measuring.items()):
            if measuring.done():
                del self._measuring[number]
                if not isinstance(measuring.exception(), EventFailure):
                    self._measured[number] = (measuring.result(), now)
        if self._asking is not None and self._asking.done():
            asking, self._asking = self._asking, None
            error = asking.exception()
            self._problem = str(error) if isinstance(error, EventFailure) else ""
            self._keys = self._keys if isinstance(error, EventFailure) else asking.result()

    def _notes(self) -> Mapping[int, SeatNotes]:
        hands = {hand.seat: hand for hand in self._store.requests.hands() if hand.closed_at is None}
        notes: dict[int, SeatNotes] = {}
        for record in self._memory.seats():
            hand, (percent, at) = hands.get(record.seat), self._measured.get(record.seat, (None, None))
            notes[record.seat] = SeatNotes(
                display=record.name or "",
                problem=record.problem,
                hand_at=None if hand is None else hand.raised_at,
                hand_text="" if hand is None else hand.text,
                disk_percent=percent,
                disk_at=at,
                key_problem=self._keys.get(record.key_alias or "", ""),
            )
        return notes
