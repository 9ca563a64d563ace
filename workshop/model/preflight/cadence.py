"""The monthly workshop: in the first week of each month, with what its checklist asks for before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import islice
from typing import Final

from workshop.model.preflight.runbook import ITEMS, Day, due_from
from workshop.model.settings.window import Window

FIRST: Final = datetime(2026, 1, 6, 16, tzinfo=UTC)
"""A Tuesday, 16:00 UTC: 08:00 or 09:00 in California, 16:00 or 17:00 in London. Where no window says otherwise."""

DURATION: Final = timedelta(minutes=90)
"""The guide's 60 to 90 minutes, where no window says otherwise."""

_BEFORE: Final = (Day.WEEK_BEFORE, Day.TWO_DAYS_BEFORE, Day.DAY_BEFORE)


@dataclass(frozen=True, kw_only=True)
class Reminder:
    """What is due on a day before a workshop. at: from when. what: the checklist's items."""

    day: Day
    at: datetime
    what: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Monthly:
    """One workshop. key: the month, which is its own whatever moves in it. is_set: the stack's window says so."""

    key: str
    starts_at: datetime
    ends_at: datetime
    is_set: bool
    reminders: tuple[Reminder, ...]


def monthly(window: Window | None, zone: tzinfo | None, now: datetime, months: int) -> tuple[Monthly, ...]:
    """So many workshops that have not begun: the window's own, and for other months its weekday, time and length.

    zone: in which the time stays the same all year; None: that of the window's offset from UTC.
    """
    like = FIRST if window is None else window.start
    like = like if zone is None else like.astimezone(zone)
    return tuple(islice((_planned(start, window) for start in _starts(like, now)), months))


def _starts(like: datetime, now: datetime) -> Iterator[datetime]:
    """In each month the first such weekday; in that of a window to come, its own start."""
    year, month = now.astimezone(like.tzinfo).year, now.astimezone(like.tzinfo).month
    while True:
        first = like.replace(year=year, month=month, day=1)
        start = first + timedelta(days=(like.weekday() - first.weekday()) % 7)
        start = like if (like.year, like.month) == (year, month) else start
        if start > now:
            yield start
        year, month = year + month // 12, month % 12 + 1


def _planned(start: datetime, window: Window | None) -> Monthly:
    return Monthly(
        key=f"{start:%Y-%m}",
        starts_at=start,
        ends_at=start + (DURATION if window is None else window.duration),
        is_set=window is not None and start == window.start,
        reminders=tuple(
            Reminder(day=day, at=due_from(day, start), what=tuple(one.what for one in ITEMS if one.day is day))
            for day in _BEFORE
        ),
    )
