"""Who comes, from the tables that people have."""

from __future__ import annotations

import pytest

from workshop.model.event.roster.problems import RosterError
from workshop.model.rehearsal.arrivals import Arrivals, read_arrivals

CHECKED_IN = """Name,Email,Checked in at
Ada,ada@example.com,2026-10-02T09:01:10
Bob,bob@example.com,2026-10-02T09:01:59
Eve,eve@example.com,
Kim,kim@example.com,2026-10-02T09:04:00
"""


@pytest.mark.parametrize(
    ("table", "found"),
    [
        ("Email,Status\na@example.com,going\nb@example.com,cancelled\n", Arrivals(people=1, per_minute=())),
        (CHECKED_IN, Arrivals(people=3, per_minute=(2, 0, 0, 1))),
        ("arrived;seat\n2026-10-02T09:01+02:00;1\n2026-10-02 07:02Z;2\n", Arrivals(people=2, per_minute=(1, 1))),
    ],
    ids=["registrations", "who came when", "moments alone"],
)
def test_people_are_counted_and_so_are_the_minutes_in_which_they_came(table: str, found: Arrivals) -> None:
    assert read_arrivals(table.encode()) == found


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ("", "line 1: no column is called email"),
        ("Name,Checked in at\nAda,\n", "column 2 has no moment at which somebody came"),
        ("Name,Checked in at\nAda,nine\n", "line 2: column 2 must be a moment such as 2026-10-02T09:01"),
        (
            "came\n2026-10-02T09:01\n2026-10-03T09:01\n",
            "people came within 1441 minutes; 720 are the most",
        ),
    ],
    ids=["nothing", "nobody came", "no moment", "two days"],
)
def test_what_is_no_such_table_is_refused(table: str, problem: str) -> None:
    with pytest.raises(RosterError) as error:
        read_arrivals(table.encode())
    assert str(error.value) == problem
