"""An event's money at a moment: spent, due and projected."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.model.plan.test_event import CENT, EVENT, planned
from workshop.model.instances import GP3_USD_PER_GIB_MONTH, INSTANCE_TYPES
from workshop.model.ledger import LEAST_BILLED, STALE_AFTER, Bill, NodeRun, bill, reached
from workshop.model.plan.event import EarlyAccess, EventPlan
from workshop.model.settings.event import Event

PLAN = planned()
START = PLAN.starts_at
HOUR = timedelta(hours=1)
OHIO, OREGON = "us-east-2", "us-west-2"
A_NODE = INSTANCE_TYPES["c6a.4xlarge"].usd_per_hour[OHIO] + GP3_USD_PER_GIB_MONTH[OHIO] * 224 / 730
"""USD an hour."""


def event(**changes: object) -> Event:
    return Event.model_validate({**EVENT, **changes})


def node(name: str = "i-1", lasts: timedelta | None = None, kind: str = "c6a.4xlarge", region: str = OHIO) -> NodeRun:
    ended_at = None if lasts is None else START + lasts
    return NodeRun(instance=name, region=region, instance_type=kind, launched_at=START, ended_at=ended_at)


def billed(
    now: datetime, *runs: NodeRun, seen_at: datetime | None = None, ai_usd: int = 0, plan: EventPlan = PLAN
) -> Bill:
    return bill(event(ai_usd=ai_usd), plan, runs, {OHIO: now if seen_at is None else seen_at}, now)


def test_a_running_node_is_paid_for_until_now_and_its_tail_is_due() -> None:
    found = billed(START + 2 * HOUR, node(), ai_usd=20)
    assert abs(found.spent[OHIO] - 2 * A_NODE) < CENT
    assert (found.running[OHIO], found.usd_per_hour) == (1, A_NODE)
    assert abs(found.committed - (Decimal("2.5") * A_NODE + 20)) < CENT
    assert abs(found.projected - (Decimal("7.5") * A_NODE + 20)) < CENT
    assert not found.is_stale


def test_one_that_has_ended_is_paid_for_until_then_and_for_a_minute_at_least() -> None:
    found = billed(START + 5 * HOUR, node(lasts=HOUR), node("i-2", timedelta(seconds=5)))
    assert abs(found.spent[OHIO] - A_NODE * 61 / 60) < CENT
    assert found.running[OHIO] == found.usd_per_hour == 0
    assert found.committed == found.projected == found.spent[OHIO]


def test_what_runs_past_the_planned_end_is_projected_with_its_tail() -> None:
    late = billed(PLAN.gone_at + HOUR, node())
    assert late.projected == late.committed
    early = billed(START - HOUR)
    assert early.projected == 0


@pytest.mark.parametrize(("age", "is_stale"), [(STALE_AFTER, False), (STALE_AFTER + timedelta(seconds=1), True)])
def test_a_region_not_seen_for_three_minutes_is_counted_at_its_limits(age: timedelta, is_stale: bool) -> None:
    now = START + HOUR
    found = billed(now, node(), seen_at=now - age)
    at_limits = PLAN.usd_per_hour_at_limits[OHIO]
    assert found.is_stale is is_stale
    assert found.usd_per_hour == (at_limits if is_stale else A_NODE)
    unseen = (at_limits - A_NODE) * Decimal(age.total_seconds()) / 3600 if is_stale else Decimal(0)
    assert abs(found.spent[OHIO] - A_NODE - unseen) < CENT


def test_a_region_that_was_never_seen_counts_from_when_nodes_are_made_ready() -> None:
    found = bill(event(), PLAN, (), {OHIO: PLAN.warm_at + HOUR, OREGON: None}, PLAN.warm_at + HOUR)
    assert found.as_of is None
    assert found.is_stale
    assert found.spent == {OHIO: 0, OREGON: PLAN.usd_per_hour_at_limits[OREGON]}
    assert bill(event(), PLAN, (), {OHIO: None}, PLAN.warm_at - HOUR).spent == {OHIO: 0}


def test_what_runs_in_early_access_is_projected_until_its_own_end() -> None:
    plan = planned(early_access="24h")
    early = given_early(plan)
    now = early.starts_at + HOUR / 2
    run = NodeRun(instance="i-1", region=OHIO, instance_type="c6a.4xlarge", launched_at=early.starts_at, ended_at=None)
    found = billed(now, run, plan=plan)
    assert abs(found.projected - Decimal("1.5") * A_NODE) < CENT
    later = billed(plan.starts_at, run, plan=plan)
    assert abs(later.projected - Decimal("30.5") * A_NODE) < CENT


def test_a_region_that_was_never_seen_counts_from_early_access_where_there_is_some() -> None:
    plan = planned(early_access="24h")
    now = given_early(plan).starts_at + HOUR
    found = bill(event(), plan, (), {OHIO: None}, now)
    assert found.spent == {OHIO: plan.usd_per_hour_at_limits[OHIO]}


def given_early(plan: EventPlan) -> EarlyAccess:
    assert plan.early is not None
    return plan.early


def test_the_limits_of_time_are_what_they_are() -> None:
    assert (timedelta(seconds=60), timedelta(minutes=3)) == (LEAST_BILLED, STALE_AFTER)


def test_a_region_with_more_than_its_limits_is_never_counted_as_less() -> None:
    runs = [node(f"i-{number}", kind="c6a.32xlarge") for number in range(40)]
    now = START + HOUR
    near, far = billed(now, *runs), billed(now, *runs, seen_at=now - HOUR)
    assert far.committed == near.committed
    assert far.is_stale


def test_a_region_that_is_not_the_stack_s_is_counted_from_nothing() -> None:
    found = bill(event(), PLAN, (node(region=OREGON),), {OHIO: START + HOUR}, START + HOUR)
    assert found.running == {OHIO: 0, OREGON: 1}
    assert abs(found.spent[OREGON] - A_NODE) < CENT
    assert found.spent[OHIO] == 0


def test_what_is_launched_now_is_paid_for_at_once() -> None:
    assert billed(START, node()).running == {OHIO: 1}


def test_as_of_is_the_oldest_look() -> None:
    found = bill(event(), PLAN, (), {OHIO: START + HOUR, OREGON: START}, START + HOUR)
    assert found.as_of == START


def test_a_type_without_a_price_is_counted_as_the_dearest() -> None:
    dearest = billed(START + HOUR, node(kind="c6a.32xlarge"))
    unknown = billed(START + HOUR, node(kind="p5.48xlarge"))
    assert unknown.spent == dearest.spent
    assert (unknown.unpriced, dearest.unpriced) == ({"p5.48xlarge"}, frozenset())
    elsewhere = bill(event(), PLAN, (node(region="ap-south-1"),), {OHIO: START + HOUR}, START + HOUR)
    assert elsewhere.unpriced == {"c6a.4xlarge"}
    assert elsewhere.spent["ap-south-1"] > 0


def test_what_was_launched_later_costs_nothing_yet() -> None:
    assert billed(START - HOUR, node()).spent == {OHIO: 0}


@pytest.mark.parametrize(
    ("usd", "percent"),
    [("99.99", ()), ("100", (50,)), ("179.99", (50, 75)), ("180", (50, 75, 90)), ("200", (50, 75, 90, 100))],
)
def test_thresholds(usd: str, percent: tuple[int, ...]) -> None:
    assert reached(event(), Decimal(usd)) == percent


durations = some.integers(0, 7 * 3600).map(lambda seconds: timedelta(seconds=seconds))


@given(some.lists(durations, max_size=20), durations, durations)
def test_what_is_due_never_falls_while_nothing_ends(
    lasts: Sequence[timedelta], first: timedelta, second: timedelta
) -> None:
    runs = [node(f"i-{number}", None if number % 2 else one) for number, one in enumerate(lasts)]
    earlier, later = (billed(START + one, *runs) for one in sorted((first, second)))
    assert earlier.spent[OHIO] <= later.spent[OHIO]
    assert later.spent[OHIO] <= later.committed <= later.projected


@given(some.integers(0, 11), durations, durations)
def test_a_bill_from_a_distance_is_never_below_the_one_from_near_by(nodes: int, now: timedelta, age: timedelta) -> None:
    """As long as there are no more nodes than the limits allow."""
    runs = [node(f"i-{number}") for number in range(nodes)]
    seen, unseen = billed(START + now, *runs), billed(START + now, *runs, seen_at=START + now - age)
    assert unseen.committed >= seen.committed
