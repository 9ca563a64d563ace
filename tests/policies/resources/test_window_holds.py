"""Which budgets hold a pool through the window: in the policy, against a clock that is in one phase or another."""

from __future__ import annotations

import pytest

from policies.disruption_window import DISRUPTION_WINDOW
from policies.pack.testing import Resource, judge
from tests.policies.declared import node_pool
from tests.policies.expecting import in_phase, refused
from workshop.model.window.phases import Phase

HOLD = {"nodes": "0", "schedule": "0 17 30 11 *", "duration": "30h0m"}
NOT_HELD = refused(
    DISRUPTION_WINDOW,
    "no budget holds the pool from 2026-11-30 17:00 UTC to 2026-12-01 23:00 UTC",
    'add the budget {nodes: "0", schedule: "0 17 30 11 *", duration: 30h0m}',
)


def pool(*budgets: dict[str, object]) -> Resource:
    return node_pool().with_input("spec.disruption.budgets", list(budgets))


def heard(declared: Resource, phase: Phase = Phase.RUNNING) -> list[str]:
    return judge(DISRUPTION_WINDOW, declared, stack=lambda: in_phase(phase))


@pytest.mark.parametrize(
    "budget",
    [
        HOLD,
        {**HOLD, "nodes": "0%"},
        {**HOLD, "reasons": ["Empty", "Drifted", "Underutilized"]},
        {**HOLD, "schedule": "59 16 30 11 *", "duration": "30h1m"},
        {**HOLD, "schedule": "0 0 31 12 *", "duration": "9999h"},
        {"nodes": "0"},
    ],
)
def test_pass_where_a_budget_holds_every_node_through_the_window(budget: dict[str, object]) -> None:
    assert heard(pool({"nodes": "10%"}, budget)) == []


@pytest.mark.parametrize(
    "budget",
    [
        {**HOLD, "nodes": "1"},
        {**HOLD, "nodes": "10%"},
        {**HOLD, "reasons": ["Drifted"]},
        {**HOLD, "duration": "29h59m"},
        {**HOLD, "schedule": "1 17 30 11 *", "duration": "99h"},
        {**HOLD, "schedule": "0 17 * * *"},
        {**HOLD, "schedule": "0 17 30 11 1"},
        {**HOLD, "schedule": "0 17 30 2 *"},
        {**HOLD, "schedule": "@daily"},
    ],
)
def test_fail_where_nothing_holds_every_node_through_the_window(budget: dict[str, object]) -> None:
    assert heard(pool(budget)) == [NOT_HELD]


@pytest.mark.parametrize("phase", Phase)
def test_a_pool_that_nothing_holds_is_refused_in_the_window_alone(phase: Phase) -> None:
    assert heard(node_pool(), phase) == ([NOT_HELD] if phase.is_in_window else [])


def test_a_patch_and_a_pool_that_runs_no_workspaces_need_no_hold() -> None:
    patch = Resource(
        type="kubernetes:karpenter.sh/v1:NodePoolPatch",
        inputs={"metadata": {"name": "coder-ws-all"}, "spec": {"limits": {"cpu": "0"}}},
    )
    assert heard(patch) == []
    exempt = {"notForWorkspaces": ["workshop-workspaces"]}
    assert judge(DISRUPTION_WINDOW, node_pool(), stack=lambda: in_phase(Phase.RUNNING), config=exempt) == []
