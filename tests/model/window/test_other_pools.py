"""What may happen to the nodes of pools that are not ours, and which of these take workspaces."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from workshop.model.names import NODE_TAINT
from workshop.model.settings.window import Window
from workshop.model.window.disruption import hold_over
from workshop.model.window.other_pools import ClassSpec, PoolSpec, disruptions, duration

WINDOW = Window.model_validate({"start": "2026-10-02T16:00+00:00", "duration": "4h"})
"""Open from 16:00 on the day before until 22:00."""
HOLD = hold_over(WINDOW)
PINNED = {"amiSelectorTerms": [{"alias": "al2023@v20260101"}]}
HELD = {"nodes": "0", "schedule": HOLD.schedule, "duration": HOLD.duration}


def pool(*budgets: Mapping[str, Any], policy: str = "WhenEmpty", expire: str | None = "Never") -> PoolSpec:
    template = {"expireAfter": expire} if expire else {}
    disruption = {"consolidationPolicy": policy, **({"budgets": budgets} if budgets else {})}
    return PoolSpec.model_validate({"template": {"spec": template}, "disruption": disruption})


def risks(spec: PoolSpec, node_class: Mapping[str, Any] | None = PINNED, *born: datetime) -> list[str]:
    found = None if node_class is None else ClassSpec.model_validate(node_class)
    return list(disruptions(spec, found, WINDOW, born))


AMI: Mapping[str, tuple[Mapping[str, Any] | None, list[str]]] = {
    "pinned": (PINNED, []),
    "by id": ({"amiSelectorTerms": [{"id": "ami-1"}, {"id": "ami-2"}]}, []),
    "latest": ({"amiSelectorTerms": [{"alias": "al2023@latest"}]}, ["may drift (AMI al2023@latest)"]),
    "one by its tags": (
        {"amiSelectorTerms": [{"id": "ami-1"}, {"tags": {"a": "b"}}]},
        ["may drift (AMI by other terms than its id or an alias with a version)"],
    ),
    "no terms": ({}, ["may drift (AMI by other terms than its id or an alias with a version)"]),
    "no class": (None, ["may drift (its EC2NodeClass is not found)"]),
}


@pytest.mark.parametrize("name", AMI)
def test_preflight_6_a_pool_drifts_where_its_ami_moves(name: str) -> None:
    node_class, expected = AMI[name]
    assert risks(pool(), node_class) == expected
    assert risks(pool(HELD), node_class) == []


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (pool(), []),
        (pool(policy="WhenEmptyOrUnderutilized"), ["may consolidate (WhenEmptyOrUnderutilized)"]),
        (pool(policy="Balanced"), ["may consolidate (Balanced)"]),
        (pool({"nodes": "0"}, policy="WhenEmptyOrUnderutilized"), []),
        (
            PoolSpec.model_validate({"template": {"spec": {"expireAfter": "Never"}}}),
            ["may consolidate (WhenEmptyOrUnderutilized)"],
        ),
        (
            PoolSpec.model_validate(
                {"template": {"spec": {"expireAfter": "Never"}}, "disruption": {"consolidateAfter": "Never"}}
            ),
            [],
        ),
    ],
    ids=["empty nodes", "underused ones", "balanced", "held", "by default", "never"],
)
def test_preflight_6_a_pool_consolidates_where_its_policy_lets_it(spec: PoolSpec, expected: list[str]) -> None:
    assert risks(spec) == expected


NOT_HELD: Mapping[str, Mapping[str, Any]] = {
    "ten percent": {"nodes": "10%"},
    "another reason": {**HELD, "reasons": ["Underutilized"]},
    "too short": {**HELD, "duration": "29h59m"},
    "too late": {**HELD, "schedule": "1 16 1 10 *"},
    "every day": {**HELD, "schedule": "0 16 * * *"},
    "a schedule without an end": {"nodes": "0", "schedule": HOLD.schedule},
    "an end without a schedule": {"nodes": "0", "duration": HOLD.duration},
    "no date": {**HELD, "schedule": "0 16 31 2 *"},
}


@pytest.mark.parametrize("name", NOT_HELD)
def test_preflight_6_a_budget_that_does_not_hold_through_the_window_is_none(name: str) -> None:
    assert risks(pool(NOT_HELD[name]), AMI["latest"][0]) == AMI["latest"][1]


@pytest.mark.parametrize("budget", [{"nodes": "0"}, {"nodes": "0%"}, HELD, {**HELD, "reasons": ["Drifted"]}])
def test_preflight_6_a_budget_of_no_nodes_holds(budget: Mapping[str, Any]) -> None:
    assert risks(pool({"nodes": "50%"}, budget), AMI["latest"][0]) == []


OLD, YOUNG = datetime(2026, 9, 2, 21, 59, tzinfo=UTC), datetime(2026, 9, 2, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("expire", "born", "expected"),
    [
        ("Never", [OLD], []),
        ("720h", [YOUNG], []),
        ("720h", [YOUNG, OLD], ["expires its nodes after 720h from 2026-10-02 21:59 UTC, which no budget stops"]),
        (None, [OLD], ["expires its nodes after 720h from 2026-10-02 21:59 UTC, which no budget stops"]),
        ("720h", [], []),
        ("29h", [], ["expires its nodes after 29h from 2026-10-02 21:00 UTC, which no budget stops"]),
        ("30d", [], ["expires its nodes after 30d, which no budget stops"]),
    ],
)
def test_preflight_6_expiry_inside_the_window_is_a_risk_that_no_budget_takes_away(
    expire: str | None, born: list[datetime], expected: list[str]
) -> None:
    assert risks(pool(HELD, expire=expire), PINNED, *born) == expected


def test_durations_are_karpenter_s() -> None:
    assert duration("1h30m15s") == timedelta(hours=1, minutes=30, seconds=15)
    assert [duration(text) for text in ("", "Never", "1d", "1h ")] == [None] * 4


def tainted(*taints: Mapping[str, str], **others: object) -> PoolSpec:
    return PoolSpec.model_validate({"template": {"spec": {"taints": taints}}, **others})


@pytest.mark.parametrize(
    ("taints", "lets_in"),
    [
        ((), True),
        ((NODE_TAINT,), True),
        (({**NODE_TAINT, "value": "coder-server"},), False),
        ((NODE_TAINT, {"key": "gpu", "effect": "NoSchedule"}), False),
        ((NODE_TAINT, {"key": "gpu", "effect": "PreferNoSchedule"}), True),
    ],
    ids=["none", "the workspaces'", "another's", "one more", "a preference"],
)
def test_preflight_6_a_pool_takes_workspaces_unless_a_taint_keeps_them_away(
    taints: tuple[Mapping[str, str], ...], lets_in: bool
) -> None:
    assert tainted(*taints).lets_workspaces_in is lets_in


def test_preflight_6_a_pool_is_closed_by_its_limits_or_replicas() -> None:
    assert tainted(limits={"cpu": "0"}).is_closed
    assert tainted(limits={"cpu": 0, "memory": "1Gi"}).is_closed
    assert tainted(replicas=0).is_closed
    assert not tainted().is_closed
    assert not tainted(limits={"cpu": "10"}, replicas=1).is_closed
