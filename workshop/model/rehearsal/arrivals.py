"""When people come, from a list: who registered, or when each came to an earlier event."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from workshop.model.event.roster.encoding import NotText, rows_of
from workshop.model.event.roster.problems import RosterError
from workshop.model.event.roster.registrations import read_registrations

_CAME_AT: Final = re.compile(r"check.?(ed)?.?in|arriv|came|joined", re.IGNORECASE)
"""What the heading of a column of moments says."""

_MOST_MINUTES: Final = 720
"""As workshop:arrival.per_minute takes."""


@dataclass(frozen=True, kw_only=True)
class Arrivals:
    """people: how many come. per_minute: of them in each minute from the first on; empty where no moments are given."""

    people: int
    per_minute: tuple[int, ...]


def read_arrivals(data: bytes) -> Arrivals:
    """A table of registrations; with a column of moments, as 'checked in at', whoever has one there came then.

    Raises RosterError where it is no such table.
    """
    try:
        rows = rows_of(data)
    except NotText as error:
        raise RosterError(str(error)) from None
    column = next((place for place, name in enumerate(rows[0] if rows else ()) if _CAME_AT.search(name)), None)
    if column is None:
        return Arrivals(people=len(read_registrations(data).people), per_minute=())
    cells = {number: row[column] for number, row in enumerate(rows[1:], 2) if len(row) > column and row[column]}
    if not cells:
        raise RosterError(f"column {column + 1} has no moment at which somebody came")
    minutes = sorted(_minute(cell, number, column) for number, cell in cells.items())
    if minutes[-1] - minutes[0] >= _MOST_MINUTES:
        raise RosterError(f"people came within {minutes[-1] - minutes[0] + 1} minutes; {_MOST_MINUTES} are the most")
    counts = Counter(minutes)
    return Arrivals(people=len(minutes), per_minute=tuple(counts[one] for one in range(minutes[0], minutes[-1] + 1)))


def _minute(cell: str, line: int, column: int) -> int:
    try:
        moment = datetime.fromisoformat(cell)
    except ValueError:
        raise RosterError(f"line {line}: column {column + 1} must be a moment such as 2026-10-02T09:01") from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() // 60)
