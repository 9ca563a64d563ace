"""How long people wait when they come: exact where it can be, and with the computed number of provisioners kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from tests.model.given import regions, settings
from workshop.model.plan.arrival import (
    Crowd,
    Start,
    boots,
    clicks_and_builds,
    meets_targets,
    needed,
    percentile_95,
    plan_arrival,
    predict,
    simulate,
)
from workshop.model.settings.arrival import Arrival

WARM = Crowd(users=20, provisioners=8, seats_per_node=3, is_warm=True, has_images=True)
COLD = replace(WARM, is_warm=False, has_images=False)
IMAGE = f"ghcr.io/example/base@sha256:{'ab' * 32}"
WINDOW = {"start": "2026-10-02T11:00+00:00", "duration": "4h"}


def arrival(**changes: object) -> Arrival:
    return Arrival.model_validate(changes)


CONSTANT = arrival(build_spread_percent=0)


@pytest.mark.parametrize("users", [1, 7, 8, 9, 16, 17, 60])
@pytest.mark.parametrize("provisioners", [1, 8, 15])
def test_a_burst_of_equal_builds_ends_exactly_when_it_must(users: int, provisioners: int) -> None:
    crowd = replace(WARM, users=users, provisioners=provisioners)
    starts = simulate(CONSTANT, crowd, seed=1)
    assert max(start.queue + start.build for start in starts) == -(-users // provisioners) * 45
    assert sorted(start.queue for start in starts) == [45 * (place // provisioners) for place in range(users)]


def test_people_come_as_they_came_before() -> None:
    """In the proportions of each minute; a minute in which nobody came stays empty."""
    clicks = [click for click, _ in clicks_and_builds(arrival(per_minute=[1, 0, 3]), 4000, seed=1)]
    minutes = [sum(minute * 60 <= click < minute * 60 + 60 for click in clicks) for minute in range(4)]
    assert minutes[1] == minutes[3] == 0
    assert minutes[0] + minutes[2] == 4000
    assert 900 < minutes[0] < 1100
    assert clicks == sorted(clicks)


def test_a_rush_in_one_minute_needs_more_provisioners_than_the_same_people_evenly() -> None:
    evenly, rush = arrival(within="4m"), arrival(per_minute=[1, 17, 1, 1])
    assert (needed(evenly, WARM), needed(rush, WARM)) == (5, 9)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"per_minute": [1], "within": "3m"}, "must be unset or 0m with per_minute"),
        ({"per_minute": [0, 0]}, "must have a minute in which somebody comes"),
        ({"per_minute": [-1]}, "greater than or equal to 0"),
    ],
)
def test_what_says_nothing_of_how_people_come_is_refused(changes: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        arrival(**changes)


def test_where_nodes_stand_ready_with_images_a_start_is_queue_build_and_agent() -> None:
    (start,) = simulate(CONSTANT, replace(WARM, users=1), seed=1)
    assert start == Start(queue=0, build=45, bind=0, pull=0, agent=15)
    assert start.total == 60


def test_a_new_node_boots_and_pulls_once_for_all_who_share_it() -> None:
    starts = simulate(
        arrival(build_spread_percent=0, node_boot_spread_percent=0, image_gib=1, pull_mib_per_second=32),
        replace(COLD, users=4, provisioners=1),
        seed=1,
    )
    assert [(start.queue, start.bind, start.pull) for start in starts] == [
        (0, 65, 32),
        (45, 20, 32),
        (90, 0, 7),  # the third comes when the node is Ready and still pulls
        (135, 65, 32),  # the fourth needs a node of its own
    ]


def test_nodes_that_stand_ready_are_filled_evenly() -> None:
    starts = simulate(
        arrival(build_spread_percent=0, image_gib=1, pull_mib_per_second=32),
        replace(COLD, users=4, provisioners=1, is_warm=True),
        seed=1,
    )
    assert [(start.bind, start.pull) for start in starts] == [(0, 32), (0, 32), (0, 0), (0, 0)]


def test_the_same_seed_gives_the_same_starts() -> None:
    spread = arrival(within="3m")
    assert simulate(spread, WARM, seed=1) == simulate(spread, WARM, seed=1) != simulate(spread, WARM, seed=2)


def test_builds_take_the_time_that_is_set_on_average_and_spread_as_set() -> None:
    starts = simulate(arrival(build_spread_percent=50), replace(WARM, users=20_000), seed=1)
    builds = [start.build for start in starts]
    mean = sum(builds) / len(builds)
    assert mean == pytest.approx(45, rel=0.02)
    assert (sum((one - mean) ** 2 for one in builds) / len(builds)) ** 0.5 == pytest.approx(22.5, rel=0.05)


def test_nodes_take_the_time_that_is_set_on_average_and_spread_as_set() -> None:
    taken = boots(arrival(node_boot_spread_percent=20), 20_000, seed=1)
    mean = sum(taken) / len(taken)
    assert mean == pytest.approx(65, rel=0.02)
    assert (sum((one - mean) ** 2 for one in taken) / len(taken)) ** 0.5 == pytest.approx(13, rel=0.05)
    assert boots(arrival(), 3, seed=1) == boots(arrival(), 3, seed=1) != boots(arrival(), 3, seed=2)
    assert boots(arrival(node_boot_seconds=0), 2, seed=1) == (0, 0)


def test_each_node_that_is_started_takes_its_own_time() -> None:
    cold = replace(COLD, users=6, provisioners=6)
    starts = simulate(arrival(build_spread_percent=0), cold, seed=1)
    assert sorted({start.bind for start in starts}) == pytest.approx(sorted(boots(arrival(), 2, seed=1)))


def test_people_come_evenly_in_the_time_that_is_set() -> None:
    starts = simulate(arrival(within="10m", build_spread_percent=0), replace(WARM, users=61, provisioners=1), seed=1)
    # One provisioner and 61 builds of 45 s, the first of which begins when somebody is there.
    last = max(start.queue for start in starts)
    assert 60 * 45 - 600 <= last <= 60 * 45


def test_they_come_as_a_poisson_process_of_so_many_not_at_equal_distances() -> None:
    """Of 20, who come in the first quarter differs from morning to morning as it does for independent people."""
    mornings = [clicks_and_builds(arrival(within="4m"), 20, seed) for seed in range(1000)]
    counts = [sum(click < 60 for click, _ in morning) for morning in mornings]
    mean = sum(counts) / len(counts)
    assert mean == pytest.approx(20 / 4, rel=0.05)
    assert sum((one - mean) ** 2 for one in counts) / len(counts) == pytest.approx(20 / 4 * 3 / 4, rel=0.1)


@pytest.mark.parametrize(("values", "expected"), [([7], 7), (range(1, 21), 19), (range(1, 22), 20), (range(100), 94)])
def test_one_in_twenty_may_be_slower(values: Any, expected: int) -> None:  # noqa: ANN401
    assert percentile_95(values) == expected


@pytest.mark.parametrize("users", [20, 60, 200])
def test_a_hundred_mornings_keep_the_targets_with_the_computed_number_and_not_with_one_fewer(users: int) -> None:
    within, seeds = arrival(within="3m"), range(100)
    crowd = replace(WARM, users=users)
    for seed in seeds:
        enough = needed(within, crowd, (seed,))
        assert enough is not None
        assert meets_targets(within, simulate(within, replace(crowd, provisioners=enough), seed))
        assert not meets_targets(within, simulate(within, replace(crowd, provisioners=enough - 1), seed))


@pytest.mark.parametrize("users", [20, 60, 200])
def test_the_plans_number_holds_for_mornings_that_it_has_not_seen(users: int) -> None:
    within, unseen = arrival(within="3m"), range(1000, 1100)
    crowd = replace(WARM, users=users)
    enough = needed(within, crowd)
    assert enough is not None
    assert predict(within, replace(crowd, provisioners=enough), unseen).meets_targets
    assert not predict(within, replace(crowd, provisioners=enough - 1), unseen).meets_targets


def test_no_number_of_provisioners_makes_up_for_nodes_that_are_not_there() -> None:
    assert needed(CONSTANT, COLD) is None
    assert needed(CONSTANT, WARM) == 19  # one in 20 may wait
    assert needed(arrival(build_spread_percent=0, queue_target_seconds=45), WARM) == 10


def test_each_region_is_looked_at_by_its_share() -> None:
    planned = plan_arrival(settings(users="60", window=WINDOW, arrival={"images": [IMAGE]}))
    assert planned.organization == "coder"
    assert {name: (one.users, one.provisioners, one.needed) for name, one in planned.regions.items()} == {
        "us-east-2": (30, 30, 28),
        "us-west-2": (18, 30, 17),
        "eu-west-2": (12, 30, 11),
    }
    assert all(one.meets_targets and one.mean.bind == one.mean.pull == 0 for one in planned.regions.values())


def test_without_a_window_nodes_start_when_people_come() -> None:
    planned = plan_arrival(settings(arrival={"images": [IMAGE]}))
    assert all(one.mean.bind > 0 and one.mean.pull > 0 for one in planned.regions.values())


def test_a_region_without_provisioners_burdens_the_busiest() -> None:
    planned = plan_arrival(settings(users="60", regions=regions({0: {"hosts_provisioners": False}})))
    assert {name: one.users for name, one in planned.regions.items()} == {"us-west-2": 48, "eu-west-2": 12}


def test_nobody_is_predicted_where_nobody_is_expected() -> None:
    empty = plan_arrival(settings(regions=regions({0: {"share": 70}, 2: {"share": 0}})))
    assert list(empty.regions) == ["us-east-2", "us-west-2"]
    nowhere = regions({index: {"hosts_provisioners": False} for index in range(3)})
    assert plan_arrival(settings(regions=nowhere)).regions == {}


@pytest.mark.parametrize(("template", "expected"), [("demo/docker", "demo"), ("unknown/docker", "coder")])
def test_an_events_seats_are_built_by_its_templates_organization(template: str, expected: str) -> None:
    event = {"name": "october", "template": template, "latest_end": "5h", "budget_usd": 200}
    planned = plan_arrival(settings(window=WINDOW, event=event))
    assert planned.organization == expected
    assert planned.regions["us-east-2"].provisioners == (2 if expected == "demo" else 12)
