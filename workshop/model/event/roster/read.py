"""Everybody in a roster, in the order of their seats, or every line that can't be used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from workshop.model.event.roster.person import NEEDED, Person, problems_of
from workshop.model.event.roster.problems import RosterError, by_line
from workshop.model.event.roster.table import Line, read_table


@dataclass(frozen=True, kw_only=True)
class Roster:
    """people: everybody in it. ignored: columns that are none of a roster's."""

    people: tuple[Person, ...]
    ignored: tuple[str, ...]


def read_roster(data: bytes, places: int) -> Roster:
    """Reads a whole roster. places: how many there is room for. Raises RosterError, which names every wrong line."""
    table = read_table(data)
    problems: dict[str, list[int]] = {}
    people: list[Person] = []
    seen: dict[tuple[str, str], int] = {}
    for line in table.lines:
        if line.is_too_long:
            problems.setdefault("has more values than there are columns", []).append(line.number)
            continue
        try:
            people.append(Person.model_validate(line.values))
        except ValidationError as error:
            wrong = problems_of(error)
        else:
            wrong = [*_missing(people[-1], table.columns), *_repeated(people[-1], line, seen)]
        for what in wrong:
            problems.setdefault(what, []).append(line.number)
    if len(table.lines) > places:
        problems[f"{len(table.lines)} people are more than the {places} seats that are left"] = []
    if not table.lines:
        problems["nobody is in it"] = []
    if problems:
        raise RosterError(by_line(problems))
    return Roster(people=tuple(people), ignored=table.ignored)


def _missing(person: Person, columns: frozenset[str]) -> Iterator[str]:
    """Who has an account needs no address; and where nobody has one, names do."""
    if person.email is None and person.account is None and "email" in columns:
        yield NEEDED["email"]
    elif person.email is None and person.account is None and not person.name:
        yield "nothing says who it is"


def _repeated(person: Person, line: Line, seen: dict[tuple[str, str], int]) -> Iterator[str]:
    """Who is in it twice, by address or account, in whatever case; by name only where that is all there is."""
    keys: Mapping[str, str | None] = {
        "email": person.email,
        "account": person.account,
        "name": person.name if person.email is None and person.account is None else None,
    }
    for column, value in keys.items():
        if value and (first := seen.setdefault((column, value.casefold()), line.number)) != line.number:
            yield f"has the {column} of line {first}"
