"""Seats: where each one is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as some

from tests.model.given import regions, settings
from workshop.model.event.seats import regions_of_seats
from workshop.model.plan.sizing import users_of_share


@given(some.integers(1, 400), some.lists(some.integers(0, 100), min_size=2, max_size=2).map(sorted))
def test_no_region_has_more_seats_than_its_nodes_are_planned_for(seats: int, cuts: Sequence[int]) -> None:
    shares = (cuts[0], cuts[1] - cuts[0], 100 - cuts[1])
    here = settings(regions=regions({index: {"share": share} for index, share in enumerate(shares)})).regions
    found = Counter(regions_of_seats(here, seats))
    assert sum(found.values()) == seats
    assert all(found[region.name] <= users_of_share(seats, region.share) for region in here)


def test_a_seat_stays_where_it_is_when_there_are_more() -> None:
    here = settings().regions
    several = [regions_of_seats(here, seats) for seats in range(1, 61)]
    assert all(more[: len(fewer)] == fewer for fewer, more in pairwise(several))
    assert Counter(several[-1]) == {"us-east-2": 30, "us-west-2": 18, "eu-west-2": 12}
