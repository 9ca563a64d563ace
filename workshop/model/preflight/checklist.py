"""The checklist: how each item of the runbook stands, by the event's clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict

from workshop.model.preflight.record import Record, Verdict, overall
from workshop.model.preflight.runbook import ITEMS, Day, Item, due_from
from workshop.model.settings.window import Window


class State(StrEnum):
    """done: ticked, or its checks said go; due and by hand: it is time, for a check or for a person; later: not yet."""

    DONE = "done"
    DUE = "due"
    BY_HAND = "by hand"
    LATER = "later"


class Tick(BaseModel):
    """Who says that an item is done, and when they said so."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    by: str
    at: AwareDatetime


class Ticks(BaseModel):
    """The file under version control. start: of the event that it is about; ticks: by item."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    start: AwareDatetime | None = None
    ticks: Mapping[str, Tick] = {}

    def of_event(self, start: datetime | None) -> Mapping[str, Tick]:
        """Those of the event that starts then; another's count for nothing."""
        return self.ticks if self.start == start else dict[str, Tick]()


@dataclass(frozen=True, kw_only=True)
class Line:
    """An item and how it stands. summary: by whom or what, and when; "" where there is nothing yet."""

    item: Item
    state: State
    summary: str


def checklist(window: Window | None, record: Record | None, ticks: Ticks, now: datetime) -> tuple[Line, ...]:
    """Every item in order. record: the last preflight of these settings, None where there is none that holds."""
    kept = ticks.of_event(window.start if window else None)
    return tuple(_line(item, window, record, kept.get(item.id), now) for item in ITEMS)


def _line(item: Item, window: Window | None, record: Record | None, tick: Tick | None, now: datetime) -> Line:
    summary = ""
    if not item.checks and tick is not None:
        return Line(item=item, state=State.DONE, summary=f"{tick.by}, {_date(tick.at)}")
    if item.checks and record is not None:
        results = [result for result in record.results if result.check in item.checks]
        verdict = overall(results)
        summary = f"preflight, {_date(record.made_at)}: {verdict}"
        if verdict is Verdict.GO and {result.check for result in results} == set(item.checks):
            return Line(item=item, state=State.DONE, summary=summary)
    if not _is_due(item.day, window, now):
        return Line(item=item, state=State.LATER, summary=summary)
    return Line(item=item, state=State.DUE if item.checks else State.BY_HAND, summary=summary)


def _is_due(day: Day, window: Window | None, now: datetime) -> bool:
    """Without a window everything is due but what comes after."""
    due = due_at(day, window)
    return day is not Day.AFTER if due is None else now >= due


def due_at(day: Day, window: Window | None) -> datetime | None:
    """From when a day's items are due; None without a window."""
    if window is None:
        return None
    return window.closes_at if day is Day.AFTER else due_from(day, window.start)


def ticked(ticks: Ticks, start: datetime | None, item: str, tick: Tick) -> Ticks:
    """With one more; a new event begins with none. Raises KeyError for what is not for a person to tick."""
    if item not in by_hand():
        raise KeyError(item)
    return Ticks(start=start, ticks={**ticks.of_event(start), item: tick})


def by_hand() -> tuple[str, ...]:
    """Items that only a person can tick."""
    return tuple(item.id for item in ITEMS if not item.checks)


def lines_of(lines: Iterable[Line], day: Day) -> tuple[Line, ...]:
    """Those of one day."""
    return tuple(line for line in lines if line.item.day is day)


def _date(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M %Z}".rstrip()
