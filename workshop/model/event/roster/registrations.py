"""Who registered, from the table that a form's tool exports, as a roster: forgiving, and saying whom it leaves out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from workshop.model.event.roster.encoding import NotText, rows_of
from workshop.model.event.roster.export import csv_text
from workshop.model.event.roster.problems import RosterError

_COLUMNS: Final = {
    "email": re.compile(r"e-?mail|^mail", re.IGNORECASE),
    "first": re.compile(r"^(first|given|fore)[ _-]?name", re.IGNORECASE),
    "last": re.compile(r"^(last|family|sur)[ _-]?name", re.IGNORECASE),
    "name": re.compile(r"^(full|your|display)?[ _-]?name\b", re.IGNORECASE),
    "status": re.compile(r"status|attend|cancel|coming|rsvp|going", re.IGNORECASE),
}
"""What a column's heading says that it is, the first that fits."""

_NOT_COMING: Final = re.compile(
    r"(no|not (coming|going|attending)|cancel+ed|declined|rejected|refunded|wait(ing)?[ -]?list(ed)?)\b.*",
    re.IGNORECASE,
)
_CANCELS: Final = re.compile(r"cancel", re.IGNORECASE)
"""Of a column that asks the other way round: yes means that somebody does not come."""

_ADDRESS: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True, kw_only=True)
class Registered:
    """people: address and name, in the order in which they registered. repeated: who did so again; their last name
    counts.
    not_coming: who says so, or is on a waiting list. wrong_rows: rows without an address, from 1 on."""

    people: tuple[tuple[str, str], ...]
    repeated: int
    not_coming: int
    wrong_rows: tuple[int, ...]

    def roster(self) -> str:
        """As CSV that `event invite` reads."""
        return csv_text(("email", "name"), self.people)


def read_registrations(data: bytes) -> Registered:
    """Everybody who comes. Raises RosterError where there is no column of addresses, or nobody."""
    try:
        rows = rows_of(data)
    except NotText as error:
        raise RosterError(str(error)) from None
    columns = [_column(heading) for heading in rows[0]] if rows else []
    if "email" not in columns:
        raise RosterError("line 1: no column is called email")
    cancels = [bool(_CANCELS.search(heading)) for heading in rows[0]]
    people: dict[str, tuple[str, str]] = {}
    repeated, not_coming, wrong = 0, 0, list[int]()
    for number, row in enumerate(rows[1:], 2):
        cells = [(column, cell, turned) for column, cell, turned in zip(columns, row, cancels, strict=False) if cell]
        values = {column: cell for column, cell, _ in reversed(cells)}
        if any(column == "status" and _says_no(cell, turned) for column, cell, turned in cells):
            not_coming += 1
            people.pop(values.get("email", "").casefold(), None)
            continue
        if not _ADDRESS.fullmatch(values.get("email", "")):
            wrong.append(number)
            continue
        key = values["email"].casefold()
        repeated += key in people
        people[key] = (values["email"], _name(values) or people.get(key, ("", ""))[1])
    if not people:
        raise RosterError("nobody in it comes")
    return Registered(people=tuple(people.values()), repeated=repeated, not_coming=not_coming, wrong_rows=tuple(wrong))


def _column(heading: str) -> str:
    return next((name for name, pattern in _COLUMNS.items() if pattern.search(heading)), "")


def _says_no(cell: str, is_turned: bool) -> bool:
    return cell.casefold() in ("yes", "y", "true") if is_turned else bool(_NOT_COMING.fullmatch(cell))


def _name(values: dict[str, str]) -> str:
    whole = " ".join(one for one in (values.get("first"), values.get("last")) if one)
    return values.get("name") or whole
