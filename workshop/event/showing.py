"""Keeps the board of each look, with what the store and the pods say beside it."""

from __future__ import annotations

from collections.abc import Mapping

from workshop.event.store.cached import CachedStore, Store
from workshop.model.event.board.compose import Facts, compose
from workshop.model.event.board.needs import SeatNotes
from workshop.model.event.world import EventState, Observed
from workshop.model.plan.event import plan_event
from workshop.model.settings.section import given
from workshop.model.settings.stack import Settings


class Showing:
    """One event's."""

    def __init__(self, settings: Settings, store: Store, memory: CachedStore) -> None:
        self._event, self._plan = given(settings.event), given(plan_event(settings))
        self._window = given(settings.window)
        self._store = store
        self._memory = memory

    def keep(self, kept: EventState, seen: Observed, problems: Mapping[str, str]) -> None:
        """Keeps the board of this look, from before its steps. Raises SQLAlchemyError."""
        facts = Facts(
            event=self._event,
            plan=self._plan,
            window=self._window,
            kept=kept,
            seen=seen,
            runs=self._memory.runs(),
            at_the_door=len(self._store.room.queue()),
            notes=self._notes(),
            problems=problems,
        )
        self._store.boards.keep(compose(facts, self._store.boards.last()))

    def _notes(self) -> Mapping[int, SeatNotes]:
        hands = {hand.seat: hand for hand in self._store.requests.hands() if hand.closed_at is None}
        notes: dict[int, SeatNotes] = {}
        for record in self._memory.seats():
            hand = hands.get(record.seat)
            notes[record.seat] = SeatNotes(
                display=record.name or "",
                problem=record.problem,
                hand_at=None if hand is None else hand.raised_at,
                hand_text="" if hand is None else hand.text,
            )
        return notes
