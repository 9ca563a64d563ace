"""A roster's bytes as a table: whatever the encoding, the separator, and the order and spelling of the columns."""

from __future__ import annotations

import csv
import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from typing import Final

from workshop.model.event.roster.encoding import NotText, text_of
from workshop.model.event.roster.problems import RosterError
from workshop.model.legible import one_line

COLUMNS: Final[Mapping[str, str]] = {
    "name": "name",
    "fullname": "name",
    "email": "email",
    "mail": "email",
    "emailaddress": "email",
    "account": "account",
    "username": "account",
    "github": "github",
    "githubusername": "github",
    "accepted": "accepted",
    "external": "external",
    "type": "type",
    "validdays": "valid_days",
    "caninvite": "can_invite",
    "transferable": "transferable",
    "devicebound": "device_bound",
    "maxdevices": "max_devices",
}
"""What a column is called, in any case and without spaces, dashes and underscores -> what it is."""

_SEPARATORS: Final = (",", ";", "\t")
_SIMILAR: Final = 0.8
"""From which likeness on a column is taken for a misspelt one of ours (difflib)."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One person's line. number: of its first line in the file, from 1 on. values: by what columns are.

    is_too_long: it has more values than there are columns.
    """

    number: int
    values: Mapping[str, str]
    is_too_long: bool = False


@dataclass(frozen=True, kw_only=True)
class Table:
    """columns: those that are known, as ours are called. ignored: names of others."""

    columns: frozenset[str]
    ignored: tuple[str, ...]
    lines: tuple[Line, ...]


def read_table(data: bytes) -> Table:
    """Every line that is not blank. Raises RosterError for what is no table at all."""
    try:
        text = text_of(data)
    except NotText as error:
        raise RosterError(str(error)) from None
    declared = re.match(r"sep=([,;\t])\r?\n", text)  # Excel's own
    skipped = 0 if declared is None else 1
    text = text[declared.end() :] if declared else text
    separator = declared[1] if declared else _separator(text)
    rows = list(_rows(text, separator, skipped))
    if not rows:
        raise RosterError("nobody is in it")
    number, names = rows[0]
    known, ignored = _columns(number, names)
    lines = tuple(_line(number, known, values) for number, values in rows[1:])
    return Table(columns=frozenset(one for one in known if one), ignored=ignored, lines=lines)


def _separator(text: str) -> str:
    """By which the first line has most columns that are known."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(_SEPARATORS, key=lambda one: sum(_spelt(name) in COLUMNS for name in first.split(one)))


def _rows(text: str, separator: str, skipped: int) -> Iterator[tuple[int, list[str]]]:
    """Rows with a value, and the number of their first line."""
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True, skipinitialspace=True)
    while True:
        number = reader.line_num + 1 + skipped
        try:
            values = [_plain(value) for value in next(reader)]
        except StopIteration:
            return
        except csv.Error:
            raise RosterError(f"line {number}: quotation marks or line ends in it can't be read") from None
        if any(values):
            yield number, values


def _plain(value: str) -> str:
    """Without blanks around it, and without the mark that keeps a formula from acting."""
    value = value.strip().strip("\ufeff\u200b").strip()
    return value[1:] if re.match(r"'[=+\-@]", value) else value


def _spelt(name: str) -> str:
    return re.sub(r"[\s_-]", "", name).strip("\"'\ufeff").casefold()


def _columns(number: int, names: list[str]) -> tuple[tuple[str | None, ...], tuple[str, ...]]:
    """What each column is, None where it is not known; and the names of those."""
    found = tuple(COLUMNS.get(_spelt(name)) for name in names)
    known = [one for one in found if one]
    if not {"name", "email", "account"} & {*known}:
        raise RosterError(f"line {number}: must be the columns' names, with email, name or account among them")
    for one in known:
        if known.count(one) > 1:
            raise RosterError(f"line {number}: two columns are the {one.replace('_', ' ')}")
    unknown = [name for name, one in zip(names, found, strict=True) if one is None and name]
    for name in unknown:
        close = difflib.get_close_matches(
            _spelt(name), [one for one in COLUMNS if COLUMNS[one] not in known], 1, _SIMILAR
        )
        if close:
            raise RosterError(f"line {number}: no column is called {one_line(name, 40)}; is {close[0]} meant?")
    return found, tuple(unknown)


def _line(number: int, columns: tuple[str | None, ...], values: list[str]) -> Line:
    return Line(
        number=number,
        values={name: value for name, value in zip(columns, values, strict=False) if name},
        is_too_long=any(values[len(columns) :]),
    )
