"""How far apart the runs of a cron schedule are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

_FIRST_DAY: Final = date(2023, 1, 1)
_DAYS: Final = 2922
"""Eight years: with the leap days of two."""

_RANGES: Final = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_PART: Final = re.compile(r"(\*|\d+)(?:-(\d+))?(?:/([1-9]\d*))?")
_SUNDAY: Final = 7
_DAY_MINUTES: Final = 1440


def longest_pause(schedule: str) -> timedelta:
    """Between two runs of a schedule of five fields of numbers; eight years where it never runs.

    A day has to match both of its fields, or one of them where neither begins with * (crontab(5)).
    """
    fields = schedule.split()
    minutes, hours, days, months, weekdays = (
        frozenset(_values(field, *limits)) for field, limits in zip(fields, _RANGES, strict=True)
    )
    either = not fields[2].startswith("*") and not fields[4].startswith("*")

    def runs_on(day: date) -> bool:
        matches = (day.day in days, day.isoweekday() % _SUNDAY in weekdays or day.isoweekday() in weekdays)
        return day.month in months and (any(matches) if either else all(matches))

    times = [hour * 60 + minute for hour in sorted(hours) for minute in sorted(minutes)]
    running = [index for index in range(_DAYS) if runs_on(_FIRST_DAY + timedelta(days=index))]
    pauses = [then - first for first, then in pairwise(times)] if running else []
    if times:
        pauses += [(then - first) * _DAY_MINUTES - times[-1] + times[0] for first, then in pairwise(running)]
    return timedelta(minutes=max(pauses, default=_DAYS * _DAY_MINUTES))


def _values(field: str, lowest: int, highest: int) -> Iterator[int]:
    """Of one field, such as */6 or 1-5,30; none of what is no value."""
    for part in field.split(","):
        found = _PART.fullmatch(part)
        if found is None:
            continue
        first, last, step = found.groups()
        start = lowest if first == "*" else int(first)
        end = highest if first == "*" or (step and not last) else int(last or first)
        yield from range(max(start, lowest), min(end, highest) + 1, int(step or 1))
