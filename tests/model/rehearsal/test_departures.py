"""A few leave while the others work, the others in the last part; the same for the same dice."""

from __future__ import annotations

import pytest

from workshop.model.rehearsal.departures import LAST_PART_SECONDS, WORKING_SECONDS, departures


@pytest.mark.parametrize(("people", "early"), [(0, 0), (1, 1), (20, 2), (60, 6), (61, 7)])
def test_a_tenth_leaves_while_the_others_work(people: int, early: int) -> None:
    leaving = departures(people, seed=3)
    assert len(leaving) == people
    assert sum(one < WORKING_SECONDS for one in leaving) == early
    assert all(0 <= one <= WORKING_SECONDS + LAST_PART_SECONDS for one in leaving)


def test_the_same_seed_has_the_same_people_leave_at_the_same_moments() -> None:
    assert departures(20, seed=5) == departures(20, seed=5)
    assert departures(20, seed=5) != departures(20, seed=6)


def test_whoever_came_first_may_stay_longest() -> None:
    leaving = departures(20, seed=3)
    assert list(leaving) != sorted(leaving)
