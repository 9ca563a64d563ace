"""disruption-window: nothing can take a workspace node away by itself."""

from __future__ import annotations

import pytest

from policies.disruption_window import DISRUPTION_WINDOW
from policies.pack.testing import UNKNOWN, Resource, judge
from tests.policies.declared import node_pool
from tests.policies.expecting import empty, exemption, in_phase, missing, refused, unknown, wrong_type
from workshop.model.window.phases import Phase

TEMPLATE = "spec.template.spec"
BUDGET = "spec.disruption.budgets[0]"


def found(problem: str, fix: str) -> str:
    return refused(DISRUPTION_WINDOW, problem, fix)


def pool(path: str, value: object) -> Resource:
    return node_pool().with_input(path, value)


def budget(**entries: object) -> Resource:
    return pool("spec.disruption.budgets", [entries])


def patch(**spec: object) -> Resource:
    return Resource(
        type="kubernetes:karpenter.sh/v1:NodePoolPatch",
        inputs={"metadata": {"name": "coder-ws-all"}, "spec": spec},
    )


@pytest.mark.parametrize(
    "entries",
    [
        {"nodes": "0"},
        {"nodes": "10%", "reasons": ["Empty", "Drifted"]},
        {"nodes": "0", "schedule": "0 16 29 9 *", "duration": "32h"},
        {"nodes": "100%", "schedule": "@daily", "duration": "1h30m"},
    ],
)
def test_pass_with_budgets_that_hold(entries: dict[str, object]) -> None:
    assert judge(DISRUPTION_WINDOW, node_pool(), budget(**entries)) == []


def test_pass_on_a_patch_that_touches_none_of_it() -> None:
    assert judge(DISRUPTION_WINDOW, patch(limits={"cpu": "0"})) == []


def test_fail_on_expiry() -> None:
    expires = found(
        f"{TEMPLATE}.expireAfter is 720h, must be Never (budgets do not stop expiry)", "set expireAfter to Never"
    )
    assert judge(DISRUPTION_WINDOW, pool(f"{TEMPLATE}.expireAfter", "720h")) == [expires]
    assert judge(DISRUPTION_WINDOW, patch(template={"spec": {"expireAfter": "720h"}})) == [expires]


def test_fail_on_a_grace_period() -> None:
    assert judge(DISRUPTION_WINDOW, pool(f"{TEMPLATE}.terminationGracePeriod", "1h")) == [
        found(
            f"{TEMPLATE}.terminationGracePeriod is 1h, after which pods are deleted whatever they say",
            "remove terminationGracePeriod",
        )
    ]


@pytest.mark.parametrize("policy", ["WhenEmptyOrUnderutilized", "Balanced"])
def test_fail_on_consolidation_of_nodes_in_use(policy: str) -> None:
    assert judge(DISRUPTION_WINDOW, pool("spec.disruption.consolidationPolicy", policy)) == [
        found(
            f"spec.disruption.consolidationPolicy is {policy}, must be WhenEmpty",
            "set consolidationPolicy to WhenEmpty",
        )
    ]


@pytest.mark.parametrize("schedule", ["CRON_TZ=Europe/London 0 16 29 9 *", "0 16 29 9", "16:00", "@fortnightly"])
def test_fail_on_a_schedule_that_is_not_utc_cron(schedule: str) -> None:
    assert judge(DISRUPTION_WINDOW, budget(nodes="0", schedule=schedule, duration="32h")) == [
        found(
            f"{BUDGET}.schedule is '{schedule}', must be five cron fields (UTC, no time zone)",
            "write the window's opening in UTC",
        )
    ]


def test_fail_on_half_a_schedule() -> None:
    half = found(
        f"{BUDGET} has only one of schedule and duration", "give both, or neither for a budget that always holds"
    )
    assert judge(DISRUPTION_WINDOW, budget(nodes="0", schedule="@daily")) == [half]
    assert judge(DISRUPTION_WINDOW, budget(nodes="0", duration="1h")) == [half]


def test_fail_on_reasons_that_do_not_exist() -> None:
    assert judge(DISRUPTION_WINDOW, budget(nodes="0", reasons=["Expired"])) == [
        found(
            f"{BUDGET}.reasons has 'Expired', must be Drifted, Empty, Underutilized",
            "remove reasons to hold nodes against all of them",
        )
    ]


def test_boundary_of_nodes_and_duration() -> None:
    for nodes in ("101%", "-1", "0.5", "all"):
        assert judge(DISRUPTION_WINDOW, budget(nodes=nodes)) == [
            found(f"{BUDGET}.nodes is '{nodes}', must be a number or a percentage", 'write "0"')
        ]
    for duration in ("1d", "30s", "h", "90"):
        assert judge(DISRUPTION_WINDOW, budget(nodes="0", schedule="@daily", duration=duration)) == [
            found(f"{BUDGET}.duration is '{duration}', must be hours and minutes", "write it as 32h or 90m")
        ]


def test_unknown_expiry() -> None:
    assert judge(DISRUPTION_WINDOW, pool(f"{TEMPLATE}.expireAfter", UNKNOWN)) == [
        unknown(DISRUPTION_WINDOW, f"{TEMPLATE}.expireAfter")
    ]


def test_missing_values_mean_karpenter_s_own() -> None:
    assert judge(DISRUPTION_WINDOW, node_pool().without_input(f"{TEMPLATE}.expireAfter")) == [
        found(f"{TEMPLATE}.expireAfter is missing, which means 720h", "set expireAfter to Never")
    ]
    assert judge(DISRUPTION_WINDOW, node_pool().without_input("spec.disruption")) == [
        found(
            "spec.disruption.consolidationPolicy is missing, which means WhenEmptyOrUnderutilized",
            "set consolidationPolicy to WhenEmpty",
        ),
        found("spec.disruption.consolidateAfter is missing, which means at once", "set consolidateAfter to 30m"),
    ]


def test_missing_nodes_of_a_budget() -> None:
    assert judge(DISRUPTION_WINDOW, budget(schedule="@daily", duration="1h")) == [
        missing(DISRUPTION_WINDOW, f"{BUDGET}.nodes")
    ]


def test_wrong_type_of_expiry_and_nodes() -> None:
    assert judge(DISRUPTION_WINDOW, pool(f"{TEMPLATE}.expireAfter", 720)) == [
        wrong_type(DISRUPTION_WINDOW, f"{TEMPLATE}.expireAfter", "the number 720", "text")
    ]
    assert judge(DISRUPTION_WINDOW, budget(nodes=0)) == [
        wrong_type(DISRUPTION_WINDOW, f"{BUDGET}.nodes", "the number 0", "text")
    ]
    assert judge(DISRUPTION_WINDOW, pool("spec.disruption.consolidateAfter", 30)) == [
        wrong_type(DISRUPTION_WINDOW, "spec.disruption.consolidateAfter", "the number 30", "text")
    ]


def test_empty_budgets() -> None:
    assert judge(DISRUPTION_WINDOW, pool("spec.disruption.budgets", [])) == [
        empty(DISRUPTION_WINDOW, "spec.disruption.budgets")
    ]


def test_exempt() -> None:
    expiring = pool(f"{TEMPLATE}.expireAfter", "720h")

    assert judge(DISRUPTION_WINDOW, expiring, exemptions=[exemption(DISRUPTION_WINDOW, expiring)]) == []
    assert judge(DISRUPTION_WINDOW, expiring, config={"notForWorkspaces": ["workshop-workspaces"]}) == []


@pytest.mark.parametrize("schedule", ["@hourly", "@midnight", "@weekly", "@monthly", "@yearly", "@annually"])
def test_pass_with_the_schedules_that_have_names(schedule: str) -> None:
    assert judge(DISRUPTION_WINDOW, budget(nodes="0", schedule=schedule, duration="1h")) == []


@pytest.mark.parametrize("after", ["1m", "60s", "30m", "1h30m", "Never"])
def test_gate_8_consolidation_that_waits(after: str) -> None:
    assert judge(DISRUPTION_WINDOW, pool("spec.disruption.consolidateAfter", after)) == []


@pytest.mark.parametrize("after", ["0s", "59s", "0h0m0s", "00m"])
def test_gate_8_consolidation_at_once(after: str) -> None:
    problem = found(
        f"spec.disruption.consolidateAfter is {after}, which means at once; must be 1m or more",
        "set consolidateAfter to 30m",
    )
    assert judge(DISRUPTION_WINDOW, pool("spec.disruption.consolidateAfter", after)) == [problem]
    assert judge(DISRUPTION_WINDOW, patch(disruption={"consolidateAfter": after})) == [problem]


@pytest.mark.parametrize("after", ["soon", "0", "30", "1d", "-5m", "30m soon"])
def test_gate_8_consolidation_that_means_nothing(after: str) -> None:
    assert judge(DISRUPTION_WINDOW, pool("spec.disruption.consolidateAfter", after)) == [
        found(
            f"spec.disruption.consolidateAfter is '{after}', must be a duration such as 30m, or Never",
            "set consolidateAfter to 30m",
        )
    ]


def test_gate_11_a_static_pool_is_not_consolidated() -> None:
    static = node_pool(replicas=4).without_input("spec.disruption")
    assert judge(DISRUPTION_WINDOW, static) == []
    assert len(judge(DISRUPTION_WINDOW, static.without_input(f"{TEMPLATE}.expireAfter"))) == 1


def test_gate_15_budgets_that_hold_for_one_reason_each() -> None:
    def said(*reasons: str) -> list[str]:
        held = {"nodes": "0", "schedule": "0 17 30 11 *", "duration": "30h"}
        budgets = [{**held, "reasons": [reason]} for reason in reasons]
        return judge(DISRUPTION_WINDOW, pool("spec.disruption.budgets", budgets), stack=lambda: in_phase(Phase.RUNNING))

    assert said("Underutilized", "Empty", "Drifted") == []
    assert len(said("Underutilized", "Drifted")) == 1
