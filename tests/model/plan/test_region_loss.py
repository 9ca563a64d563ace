"""Where a region is to be survived, every pool has room for what comes from any other."""

from __future__ import annotations

import pytest

from tests.model.given import settings, structure
from workshop.model.plan.plan import plan_of_event
from workshop.model.plan.sizing import divided
from workshop.model.settings.errors import SettingsError


@pytest.mark.parametrize(
    ("people", "shares", "given"),
    [
        (6, {"a": 50, "b": 20}, {"a": 4, "b": 2}),
        (7, {"a": 50, "b": 50}, {"a": 4, "b": 3}),
        (0, {"a": 50, "b": 50}, {"a": 0, "b": 0}),
        (3, {"a": 0, "b": 0}, {"a": 2, "b": 1}),
        (5, {"a": 100, "b": 0}, {"a": 5, "b": 0}),
    ],
    ids=["by share", "a tie", "nobody", "no shares", "one has all"],
)
def test_people_are_divided_by_share_and_nobody_is_left_out(
    people: int, shares: dict[str, int], given: dict[str, int]
) -> None:
    assert divided(people, shares) == given


def test_pools_have_room_for_the_worst_loss_and_nothing_else_changes() -> None:
    usual = plan_of_event(settings(users=60)).regions
    more = plan_of_event(settings(users=60, survives="region")).regions
    # Of 60: 30, 18 and 12. Ohio takes 13 of Oregon's, Oregon 18 of Ohio's, London 12 of it; three share a node.
    assert {name: region.nodes.limit_vcpu // 16 for name, region in usual.items()} == {
        "us-east-2": 11,
        "us-west-2": 7,
        "eu-west-2": 5,
    }
    assert {name: region.nodes.limit_vcpu // 16 for name, region in more.items()} == {
        "us-east-2": 16,
        "us-west-2": 13,
        "eu-west-2": 9,
    }
    for name, region in more.items():
        assert region.nodes.nodes == usual[name].nodes.nodes
        assert region.nodes.usd_per_hour == usual[name].nodes.usd_per_hour


def test_the_only_region_can_t_be_survived() -> None:
    with pytest.raises(SettingsError, match="there is no other"):
        settings(survives="region", regions=[{**structure("regions")[0], "share": 100}], adopt={})
