"""How each seat fared, from the journal: its states one after the other, and its starts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from workshop.model.event.seats import workspace_name
from workshop.model.report.history import History, Line

SEAT: Final = "seat"
"""The journal's action of a line that says a seat's state; of all others, something that was done."""

UP: Final = frozenset({"starting", "ready", "stopping"})
"""States in which a seat's workspace runs."""

_STARTS: Final = ("create", "start")
_OVER: Final = frozenset({"stopped", "failed", "lost", "gone", "unused"})


@dataclass(frozen=True, kw_only=True)
class Spell:
    """A time in one state."""

    state: str
    since: datetime
    until: datetime


@dataclass(frozen=True, kw_only=True)
class SeatStart:
    """A start by the keeper. ready_at: when it was first seen to be ready; None where it never was."""

    seat: int
    begun_at: datetime
    ready_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class SeatTimeline:
    """One seat's. saved_at: when saves of its running workspace began that ended well."""

    seat: int
    spells: tuple[Spell, ...] = ()
    starts: tuple[SeatStart, ...] = ()
    saved_at: tuple[datetime, ...] = ()

    def time_ready(self, since: datetime, until: datetime) -> timedelta:
        """How long it could be worked in between two moments."""
        within = (min(one.until, until) - max(one.since, since) for one in self.spells if one.state == "ready")
        return sum((one for one in within if one > timedelta(0)), timedelta(0))

    def state(self, at: datetime) -> str:
        """Its state then; planned before the first."""
        return next((one.state for one in reversed(self.spells) if one.since <= at), "planned")

    def was_ready(self, since: datetime, until: datetime) -> bool:
        """Whether it was ready at some moment of this time."""
        return any(one.state == "ready" and one.since < until and one.until > since for one in self.spells)


def timelines(history: History, as_of: datetime) -> Mapping[int, SeatTimeline]:
    """Of every seat, by number; without spells where the journal has none."""
    by_name: dict[str, list[Line]] = {workspace_name(one.seat): [] for one in history.seats}
    for line in history.lines:
        if line.subject in by_name:
            by_name[line.subject].append(line)
    return {
        one.seat: SeatTimeline(
            seat=one.seat,
            spells=_spells(by_name[workspace_name(one.seat)], as_of),
            starts=_starts(one.seat, by_name[workspace_name(one.seat)]),
            saved_at=_saves(by_name[workspace_name(one.seat)]),
        )
        for one in history.seats
    }


def _spells(lines: Iterable[Line], as_of: datetime) -> tuple[Spell, ...]:
    states = [line for line in lines if line.action == SEAT]
    ends = [*(line.at for line in states[1:]), as_of]
    return tuple(
        Spell(state=line.phase, since=line.at, until=max(end, line.at)) for line, end in zip(states, ends, strict=False)
    )


def _starts(seat: int, lines: Iterable[Line]) -> tuple[SeatStart, ...]:
    found: list[SeatStart] = []
    begun_at: datetime | None = None
    for line in lines:
        if line.action in _STARTS and line.phase == "begun":
            begun_at = begun_at or line.at  # one that was tried again began when it was tried first
        elif begun_at is not None and line.action == SEAT and line.phase == "ready":
            found.append(SeatStart(seat=seat, begun_at=begun_at, ready_at=line.at))
            begun_at = None
        elif begun_at is not None and (
            (line.action == "replace" and line.phase == "done") or (line.action == SEAT and line.phase in _OVER)
        ):
            found.append(SeatStart(seat=seat, begun_at=begun_at, ready_at=None))
            begun_at = None
    if begun_at is not None:
        found.append(SeatStart(seat=seat, begun_at=begun_at, ready_at=None))
    return tuple(found)


def _saves(lines: Iterable[Line]) -> tuple[datetime, ...]:
    found: list[datetime] = []
    begun_at: datetime | None = None
    for line in lines:
        if line.action == "save" and line.phase == "begun":
            begun_at = line.at
        elif line.action == "save" and line.phase == "done" and begun_at is not None:
            found.append(begun_at)
            begun_at = None
    return tuple(found)
