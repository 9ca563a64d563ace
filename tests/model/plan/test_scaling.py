"""Between which numbers provisioners follow the queue, in each phase."""

from __future__ import annotations

import pytest

from tests.model.given import regions, settings
from workshop.model.plan.plan import make_plan
from workshop.model.plan.scaling import Scaling, plan_scaling
from workshop.model.settings.stack import Settings
from workshop.model.window.phases import Phase

WINDOW = {"start": "2026-10-02T11:00+00:00", "duration": "4h"}


def given(users: str = "60", **autoscaling: object) -> Settings:
    return settings(users=users, window=WINDOW, autoscaling={"enabled": True, **autoscaling})


def numbers(one: Settings, phase: Phase) -> dict[str, tuple[int, int]]:
    scaling = plan_scaling(one, make_plan(one, phase=phase))
    return {name: (found.floor, found.ceiling) for name, found in scaling.items()}


@pytest.mark.parametrize(
    ("phase", "floor"),
    [(Phase.BEFORE, 6), (Phase.PREPARATION, 30), (Phase.RUNNING, 30), (Phase.COOL_DOWN, 30), (Phase.AFTER, 6)],
)
def test_the_floor_is_the_plans_in_the_window_and_the_baseline_outside(phase: Phase, floor: int) -> None:
    assert {name: least for name, (least, _) in numbers(given(), phase).items()} == dict.fromkeys(
        ("us-east-2", "us-west-2", "eu-west-2"), floor
    )


def test_the_ceiling_is_everybody_in_one_region_as_far_as_the_setting_lets_them() -> None:
    for phase in Phase:
        assert {most for _, most in numbers(given(), phase).values()} == {60}
        assert {most for _, most in numbers(given(max_provisioners=45), phase).values()} == {45}
        assert {most for _, most in numbers(given(max_provisioners=20), phase).values()} == {30}  # the plan has so many


@pytest.mark.parametrize(("longest", "drain"), [("1m", 600), ("10m", 600), ("25m", 1500)])
def test_none_is_taken_away_before_the_longest_build_could_end(longest: str, drain: int) -> None:
    one = given("20", longest_build=longest)
    assert plan_scaling(one, make_plan(one, phase=Phase.RUNNING))["us-east-2"] == Scaling(
        floor=12, baseline=6, ceiling=20, drain_seconds=drain
    )


def test_without_a_window_the_plan_is_the_baseline() -> None:
    one = settings(users="20", autoscaling={"enabled": True})
    assert plan_scaling(one, make_plan(one))["us-east-2"] == Scaling(
        floor=12, baseline=12, ceiling=20, drain_seconds=600
    )


def test_regions_without_provisioners_have_none_and_without_the_setting_no_region_has() -> None:
    elsewhere = settings(users="20", autoscaling={"enabled": True}, regions=regions({2: {"hosts_provisioners": False}}))
    assert list(plan_scaling(elsewhere, make_plan(elsewhere))) == ["us-east-2", "us-west-2"]
    assert plan_scaling(settings(), make_plan(settings())) == {}
