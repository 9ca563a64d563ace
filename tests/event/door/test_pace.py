"""How many are let through in a minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from workshop.event.door.pace import MINUTE, Failures, Pace

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_in_no_minute_more_than_that_are_let_through_and_all_of_a_room_are() -> None:
    pace, gone, now = Pace(50), dict[str, datetime](), NOON
    people = [f"workshop-{seat:02}" for seat in range(1, 121)]
    while len(gone) < len(people):
        for person in people:
            if person not in gone and not pace.place(person, now):
                gone[person] = now
        now += 5 * SECOND
    moments = sorted(gone.values())
    assert all(sum(1 for at in moments if begin <= at < begin + MINUTE) <= 50 for begin in moments)
    assert moments[-1] - NOON <= 2 * MINUTE
    assert [*gone] == people


def test_a_place_is_kept_while_its_person_comes_back() -> None:
    pace = Pace(1)
    assert [pace.place(who, NOON) for who in ("a", "b", "c", "b", "c")] == [0, 1, 2, 1, 2]
    assert pace.wait(1, NOON) == MINUTE
    assert pace.wait(2, NOON) == 2 * MINUTE
    for second in range(0, 60, 10):
        assert pace.place("c", NOON + second * SECOND)  # b has closed the page
    assert pace.place("c", NOON + MINUTE) == 0


def test_who_was_let_through_a_moment_ago_takes_no_place_of_others() -> None:
    """A page asks first, and then opens what it was given."""
    pace = Pace(2)
    assert [pace.place("a", NOON), pace.place("a", NOON + SECOND), pace.place("b", NOON)] == [0, 0, 0]
    assert pace.place("a", NOON + 31 * SECOND) == 1


def test_failures_are_too_many_in_a_minute_only() -> None:
    failures = Failures(2)
    assert [failures.add(NOON + SECOND * at) for at in (0, 1, 2, 61, 62, 63)] == [
        False,
        False,
        True,
        False,
        False,
        True,
    ]
