"""Who may come: a CSV file, one person a line, in the order of their seats. Its contents are personal data."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from typing import Annotated, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

COLUMNS: Final = ("email", "name", "account", "accepted")
"""email has to be there; account is a username in Coder; accepted is yes or no, and yes where it is empty."""

_MOST_PROBLEMS: Final = 10


class RosterError(Exception):
    """What is wrong with a roster, by line."""


class Person(BaseModel):
    """One line of a roster. account: a username in Coder, None for whoever has the address there."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    email: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=254)]
    name: Annotated[str, Field(max_length=128)] = ""
    account: Annotated[
        Annotated[str, Field(pattern=r"^[a-zA-Z0-9]+(-[a-zA-Z0-9]+)*$", max_length=32)] | None,
        BeforeValidator(lambda given: given.strip() or None),
    ] = None
    accepted: Annotated[Literal["yes", "no"], BeforeValidator(lambda given: str(given).strip().lower() or "yes")] = (
        "yes"
    )


@dataclass(frozen=True, kw_only=True)
class _Line:
    number: int
    values: dict[str, str]


def read_roster(text: str, places: int) -> tuple[Person, ...]:
    """Everybody in it. places: how many there is room for. Raises RosterError, which names all that is wrong."""
    lines = list(_lines(text))
    people: list[Person] = []
    problems: list[str] = []
    seen: dict[str, int] = {}
    for line in lines:
        try:
            person = Person.model_validate(line.values)
        except ValidationError as error:
            problems += [f"line {line.number}: {_what(one['loc'], one['type'])}" for one in error.errors()]
            continue
        for column, value in (("email", person.email.casefold()), ("account", person.account)):
            first = seen.setdefault(f"{column} {value}", line.number) if value else line.number
            if first != line.number:
                problems.append(f"line {line.number}: has the {column} of line {first}")
        people.append(person)
    if len(lines) > places:
        problems.append(f"{len(lines)} people are more than the {places} seats that are left")
    if not lines:
        problems.append("nobody is in it")
    if problems:
        more = [f"and {len(problems) - _MOST_PROBLEMS} more"] if len(problems) > _MOST_PROBLEMS else []
        raise RosterError("; ".join([*problems[:_MOST_PROBLEMS], *more]))
    return tuple(people)


def _lines(text: str) -> Iterator[_Line]:
    reader = csv.DictReader(StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    names = [name.strip().lower() for name in reader.fieldnames or ()]
    if "email" not in names or not {*names} <= {*COLUMNS}:
        raise RosterError(
            f"line 1: must be the columns' names, email and of {', '.join(COLUMNS[1:])} those that there are"
        )
    reader.fieldnames = names
    try:
        for values in reader:
            if None in values or None in values.values():
                raise RosterError(f"line {reader.line_num}: has not as many values as line 1 has names")
            if any(values.values()):
                yield _Line(number=reader.line_num, values=values)
    except csv.Error as error:
        raise RosterError(f"line {reader.line_num}: {error}") from None


def _what(place: tuple[int | str, ...], kind: str) -> str:
    """In our words: pydantic's quote what was given."""
    column = str(place[0])
    needed = {
        "email": "must be an e-mail address",
        "account": "must be a username in Coder",
        "accepted": "must be yes or no",
        "name": "must have 128 characters at most",
    }
    return f"{column} {'is missing' if kind == 'missing' else needed[column]}"
