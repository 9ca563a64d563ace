"""Waits with other numbers of provisioners, and with provisioners that follow the queue."""

from __future__ import annotations

from dataclasses import replace
from statistics import fmean

import pytest

from tests.model.rehearsal.test_verdict import SETTINGS
from workshop.model.plan.arrival import Crowd, builds_on, clicks_and_builds, simulate
from workshop.model.rehearsal.queue import PROVISIONER_SECONDS, Observed, QueueLine, Scaler, queue_lines

CROWD = Crowd(users=30, provisioners=12, seats_per_node=3, is_warm=True, has_images=True)
STARTS = simulate(SETTINGS.arrival, CROWD, seed=3)
SEEN = Observed(crowd=CROWD, seed=3, starts=STARTS)


def lines(seen: Observed = SEEN) -> dict[tuple[int, bool], QueueLine]:
    return {(one.provisioners, one.is_warm): one for one in queue_lines(SETTINGS.arrival, seen)}


def test_one_fewer_as_declared_and_one_more_are_looked_at_and_nodes_that_are_cold() -> None:
    found = lines()
    assert list(found) == [(11, True), (12, True), (13, True), (12, False)]
    assert [key for key, one in found.items() if one.is_declared] == [(12, True)]
    assert [key for key, one in found.items() if one.observed is None] == [(12, False)]
    for column in ("predicted", "observed"):
        waits = [getattr(found[number, True], column).queue.last for number in (11, 12, 13)]
        assert waits == sorted(waits, reverse=True)
        assert waits[0] > waits[-1]
    assert found[12, False].predicted.start.p50 > found[12, True].predicted.start.p50


def test_a_replay_of_what_was_played_is_what_was_played() -> None:
    """With what came after the builds the same for all, so that it is of no matter whose it was."""
    played = replace(SEEN, starts=tuple(replace(one, bind=2.0, pull=0.0) for one in STARTS))
    observed = lines(played)[12, True].observed
    again = lines(replace(played, crowd=replace(CROWD, provisioners=13)))[12, True].observed
    assert observed == again


def test_where_nobody_started_there_is_only_a_prediction() -> None:
    assert {one.observed for one in lines(replace(SEEN, starts=())).values()} == {None}


def test_one_provisioner_has_no_fewer() -> None:
    assert (0, True) not in lines(replace(SEEN, crowd=replace(CROWD, provisioners=1)))


ARRIVALS = tuple((0.0, 40.0) for _ in range(20))


def test_provisioners_are_added_at_the_autoscaler_s_next_look() -> None:
    """Of 20 builds 10 run; at 15 s all 20 count, 22 are wanted, and 10 more are there at 25 s."""
    begun = [one for _, one, _ in Scaler(floor=10, ceiling=60).builds(ARRIVALS)]
    assert begun == [0.0] * 10 + [15.0 + PROVISIONER_SECONDS] * 10


@pytest.mark.parametrize(
    ("ceiling", "begun"), [(10, [40.0] * 10), (14, [25.0] * 4 + [40.0] * 6)], ids=["no room", "room for four"]
)
def test_no_more_are_added_than_the_ceiling(ceiling: int, begun: list[float]) -> None:
    assert [one for _, one, _ in Scaler(floor=10, ceiling=ceiling).builds(ARRIVALS)][10:] == begun


def test_where_nobody_waits_at_a_look_none_is_added() -> None:
    arrivals = clicks_and_builds(SETTINGS.arrival, 12, 3)
    assert list(Scaler(floor=12, ceiling=60).builds(arrivals)) == list(builds_on(12, arrivals))


def test_the_scaler_s_rule_shortens_the_queue() -> None:
    with_scaler = lines(replace(SEEN, scaler=Scaler(floor=12, ceiling=60)))[12, True]
    assert with_scaler.scaled_to == 60
    assert with_scaler.predicted.queue.last < lines()[12, True].predicted.queue.last
    assert fmean(one.queue for one in STARTS) > 0
