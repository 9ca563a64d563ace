"""Files that nobody would call a roster: all of it is read or none, and nobody sees a traceback.

scripts/hostile-rosters runs it with many cases.
"""

from __future__ import annotations

import csv
import os
from io import StringIO

from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as some

from workshop.model.event.roster.export import csv_text
from workshop.model.event.roster.problems import RosterError
from workshop.model.event.roster.read import Roster, read_roster

CASES = int(os.environ.get("HOSTILE_CASES", "300"))
MANY = settings(max_examples=CASES, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None)

GOOD = {
    "Name": ("Ada", "Zoë", "=Bob", "Eve 🦄"),
    "e-mail": ("a@example.com", "+b@example.com", "Cy <c@example.com>"),
    "account": ("", "ada", "bob-2"),
    "Accepted": ("", "yes", "No"),
    "external": ("", "true", "0"),
    "Type": ("", "read_only", "Participant"),
    "ValidDays": ("", "7"),
    "CanInvite": ("", "no"),
    "DeviceBound": ("yes", "no"),
    "MaxDevices": ("2", "20"),
    "Company": ("", "Example"),
    "": ("",),
}
BAD = ("=cmd|' /C calc'!A0", "-2", "@SUM(1)", "\t=1", "1e9", "٣", "admin", "a" * 300, "\x00", "\ud7ff", "\u202e", '"',
       ";", "\x1b]0;x\x07", "a\nb", "a\rb", "%s", "{0}", "$(id)", "<script>", "../..", "NULL",
       "A@EXAMPLE.COM")  # fmt: skip


@some.composite
def rosters(draw: some.DrawFn) -> bytes:
    """Something like a roster, written by something like a program, and then damaged, more or less."""
    names = draw(some.lists(some.sampled_from([*GOOD]), min_size=1, max_size=6, unique=True))
    bad = some.one_of(some.sampled_from(BAD), some.text(max_size=20))
    is_bad = draw(some.sampled_from([0, 0, 10]))  # of thirty cells
    table = [names]
    for _ in range(draw(some.integers(0, 5))):
        table.append(
            [draw(bad if draw(some.integers(1, 30)) <= is_bad else some.sampled_from(GOOD[one])) for one in names]
        )
    text = StringIO()
    quoting = csv.QUOTE_ALL if draw(some.booleans()) else csv.QUOTE_MINIMAL
    csv.writer(text, delimiter=draw(some.sampled_from(",;\t,;|")), quoting=quoting).writerows(table)
    encoding = draw(some.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252"]))
    data = bytearray(text.getvalue().encode(encoding, errors="replace"))
    for _ in range(draw(some.sampled_from([0, 0, 1, 3]))):
        if data:
            at = draw(some.integers(0, len(data) - 1))
            data[at : at + draw(some.integers(0, 3))] = draw(some.binary(max_size=3))
    return bytes(data)


def _is_all_or_nothing(data: bytes) -> None:
    try:
        roster = read_roster(data, 5)
    except RosterError as error:
        refused = str(error)
    else:
        _is_harmless(roster)
        return
    assert refused.isprintable()


def _is_harmless(roster: Roster) -> None:
    assert 1 <= len(roster.people) <= 5
    for person in roster.people:
        assert person.email or person.account or person.name
        assert "\n" not in f"{person.email}{person.account}{person.name}"
    addresses = [one.email.casefold() for one in roster.people if one.email]
    assert len(addresses) == len({*addresses})
    written = csv_text(
        ["name", "email", "account"], [[one.name, one.email or "", one.account or ""] for one in roster.people]
    )
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in csv.reader(StringIO(written)) for cell in row)


@MANY
@given(rosters())
def test_a_damaged_roster_is_read_whole_or_not_at_all(data: bytes) -> None:
    _is_all_or_nothing(data)


@MANY
@given(some.binary(max_size=200))
def test_so_is_anything(data: bytes) -> None:
    _is_all_or_nothing(data)


def test_many_of_them_are_read() -> None:
    def people(data: bytes) -> int:
        try:
            return len(read_roster(data, 5).people)
        except RosterError:
            return 0

    found = find(rosters(), lambda data: people(data) > 1, settings=settings(database=None, max_examples=5000))
    assert people(found) == 2
