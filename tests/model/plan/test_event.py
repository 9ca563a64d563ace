"""What an event costs: by kind, by hour, at its thresholds, and at worst."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.model.given import settings
from workshop.model.plan.event import THRESHOLDS_PERCENT, EventPlan, plan_event, seats_of
from workshop.model.plan.plan import plan_of_event

WINDOW = {"start": "2026-10-02T11:00+00:00", "duration": "6h"}
EVENT = {"name": "october", "template": "coder/docker", "latest_end": "6h", "budget_usd": 200}
CENT = Decimal("0.005")


def planned(users: str = "60", **changes: object) -> EventPlan:
    found = plan_event(settings(users=users, window=WINDOW, event={**EVENT, **changes}))
    assert found is not None
    return found


def test_every_hour_of_its_nodes_is_counted_once() -> None:
    nodes = plan_of_event(settings(users="60", window=WINDOW)).cost.usd_per_hour
    event = planned(ai_usd=20)
    assert event.usd_per_hour == nodes
    assert abs(event.all_come.total - (nodes * Decimal("7.75") + 20)) < CENT
    assert abs(event.around_the_clock - (nodes * 32 + 20)) < CENT
    assert event.all_come.running == 6 * event.all_come.provisioning / Decimal("1.25") == 12 * event.all_come.tail
    assert event.usd_per_seat == event.all_come.total / 60


def test_volumes_are_a_kind_of_their_own() -> None:
    # 20 nodes of 224 GiB: 10, 6 and 4, at 0.08 USD a month and 0.0928 in London.
    monthly = Decimal(224) * (16 * Decimal("0.08") + 4 * Decimal("0.0928"))
    assert abs(planned().all_come.volumes - monthly / 730 * Decimal("7.75")) < CENT


def test_half_the_people_need_half_the_nodes() -> None:
    event = planned(ai_usd=20)
    assert abs(event.half_come.running - event.all_come.running / 2) < CENT
    assert event.half_come.ai == event.all_come.ai == 20
    one = planned("1")
    assert one.half_come == one.all_come


def test_at_worst_each_region_has_one_node_more_than_planned() -> None:
    event = planned(ai_usd=20)
    per_node = event.usd_per_hour / 20
    assert 22 * per_node < (event.most - 20) / Decimal("7.75") < 24 * per_node


def test_its_times_move_with_the_window() -> None:
    event = planned(provisioning="90m", latest_end="4h")
    assert event.starts_at.isoformat() == "2026-10-02T09:30:00+00:00"
    assert event.warm_at.isoformat() == "2026-10-02T09:15:00+00:00"
    assert event.ends_at.isoformat() == "2026-10-02T15:00:00+00:00"
    assert event.gone_at - event.ends_at == timedelta(minutes=30)


def test_a_threshold_is_reached_when_what_is_spent_and_the_tail_are_that_much() -> None:
    event = planned(budget_usd=120)
    half = event.thresholds[50]
    assert half is not None
    spent = event.usd_per_hour * Decimal((half - event.warm_at).total_seconds()) / 3600
    assert abs(spent + event.usd_per_hour / 2 - 60) < CENT
    assert tuple(event.thresholds) == THRESHOLDS_PERCENT
    assert event.thresholds[75] is not None
    assert event.thresholds[100] is None


def test_a_threshold_below_what_models_and_the_tail_take_is_reached_at_once() -> None:
    event = planned(budget_usd=40, ai_usd=20)
    assert event.thresholds[50] == event.warm_at


def test_early_access_is_paid_once_for_every_seat_s_time_and_tail() -> None:
    without, early = planned(), planned(early_access="24h", early_hours="2h")
    assert early.early_at == early.starts_at - timedelta(hours=23)
    assert abs(early.all_come.total - without.all_come.total - early.usd_per_hour * Decimal("2.5")) < CENT
    assert early.all_come.early_access == 5 * early.all_come.tail
    assert early.half_come.early_access == 5 * early.half_come.tail
    at_limits = sum(early.usd_per_hour_at_limits.values())
    assert abs(early.most - without.most - at_limits * Decimal("2.5")) < CENT
    assert (early.starts_at, early.gone_at) == (without.starts_at, without.gone_at)
    assert early.paid - without.paid == timedelta(hours=2, minutes=30)


def test_early_access_that_runs_into_the_event_is_paid_until_it_starts() -> None:
    event = planned(early_access="100m", early_hours="1h")
    assert event.early is not None
    assert event.early.ends_at == event.early.gone_at == event.warm_at
    assert event.paid == timedelta(hours=7, minutes=30 + 40)
    assert event.gone_by(event.early.starts_at) == event.gone_at


@pytest.mark.parametrize("early_access", ["0m", "1h"])
def test_without_time_before_the_event_s_own_start_there_is_no_early_access(early_access: str) -> None:
    event = planned(early_access=early_access)
    assert event.early is event.early_at is None
    assert event.all_come.early_access == 0
    assert event.all_come == planned().all_come


def test_early_access_moves_thresholds() -> None:
    event = planned(early_access="24h", early_hours="2h", budget_usd=90)
    early, rate, tail = event.early, event.usd_per_hour, timedelta(minutes=30)
    assert early is not None
    # Early access costs 36.90 with its tail, and an hour costs 14.76: half the budget is reached in the event.
    half = event.thresholds[50]
    assert half is not None
    spent = rate * Decimal((half - event.warm_at + early.gone_at - early.starts_at + tail).total_seconds()) / 3600
    assert abs(spent - 45) < CENT
    in_it = planned(early_access="24h", early_hours="2h", budget_usd=40).thresholds[50]
    assert in_it is not None
    assert abs(rate * Decimal((in_it - early.starts_at + tail).total_seconds()) / 3600 - 20) < CENT
    at_once = planned(early_access="24h", budget_usd=40, ai_usd=20).thresholds
    assert at_once[50] == early.starts_at
    at_the_start = planned(early_access="24h", early_hours="2h", budget_usd=80).thresholds
    assert at_the_start[50] == event.warm_at


@pytest.mark.parametrize(("changes", "seats"), [({}, 60), ({"reserve": 5}, 55), ({"reserve": 5, "seats": 40}, 40)])
def test_seats_are_what_the_reserve_leaves_unless_they_are_set(changes: Mapping[str, int], seats: int) -> None:
    assert planned("60", **changes).seats == seats


def test_without_an_event_or_a_window_there_is_nothing_to_plan() -> None:
    assert plan_event(settings()) is None
    assert plan_event(settings(event=EVENT)) is None
    with pytest.raises(ValueError, match="no event is set"):
        seats_of(settings())
