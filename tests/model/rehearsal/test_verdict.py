"""What a rehearsal showed is judged by what the plan had said."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.model.given import settings
from workshop.model.plan.arrival import Crowd, Start, simulate
from workshop.model.plan.cost import node_usd_per_hour, nodes_usd_per_hour
from workshop.model.plan.plan import Plan, plan_of_event
from workshop.model.plan.workloads import planned_replicas
from workshop.model.rehearsal.faults import Fault
from workshop.model.rehearsal.rehearsal import Rehearsal
from workshop.model.rehearsal.verdict import RegionSeen, Verdict, is_as_expected, judge
from workshop.model.settings.stack import Settings

WINDOW = {"start": "2026-10-02T11:00+00:00", "duration": "4h"}
SETTINGS = settings(users=20, window=WINDOW)
PLAN = plan_of_event(SETTINGS)
REGION = PLAN.regions["us-east-2"]
PROVISIONERS = REGION.provisioners["coder"]


def ready(stack: Settings, plan: Plan) -> dict[str, int]:
    """Pods of the first region's Deployments, as planned."""
    return {one.key: replicas for one, replicas in planned_replicas(stack, plan, stack.regions[0])}


AS_PLANNED = RegionSeen(
    starts=simulate(
        SETTINGS.arrival,
        Crowd(
            users=REGION.nodes.users,
            provisioners=PROVISIONERS,
            seats_per_node=REGION.nodes.users_per_node,
            is_warm=True,
            has_images=True,
        ),
        seed=3,
    ),
    running=REGION.nodes.users,
    provisioners=PROVISIONERS,
    with_images=4,
    nodes={f"node-{number}": ("c6a.4xlarge", count) for number, count in enumerate((3, 3, 3, 1))},
    ready=ready(SETTINGS, PLAN),
    pending={},
    evicted={},
)


def rehearsal(fault: Fault | None = None) -> Rehearsal:
    return Rehearsal(config={}, settings=SETTINGS, plan=PLAN, seed=3, speed=20, fault=fault)


def judged(fault: Fault | None = None, **changes: Any) -> Verdict:  # noqa: ANN401 - of any field
    return judge(rehearsal(fault), {"us-east-2": replace(AS_PLANNED, **changes)})


def failed(verdict: Verdict) -> list[str]:
    return [one.name for one in verdict.figures if one.passed is False]


def test_what_went_as_planned_passes() -> None:
    verdict = judged()
    assert verdict.passed
    assert [(one.name, one.predicted, one.observed) for one in verdict.figures][:8] == [
        ("workspaces running", "10", "10"),
        ("provisioners ready", "12", "12"),
        ("nodes", "4", "4"),
        ("nodes with images at the start", "4", "4"),
        ("USD per hour", "2.86", "2.55"),
        ("workspaces evicted", "0", "0"),
        ("workspaces per node", "3", "3"),
        ("storage free at peak, %", "60.1", "60.1"),
    ]
    assert [(one.name, one.predicted, one.observed) for one in verdict.figures][8:13] == [
        ("coder-ws-experiment/coder-provisioner ready", "2", "2"),
        ("coder-ws-demo/coder-provisioner ready", "2", "2"),
        ("coder/coder ready", "2", "2"),
        ("litellm/litellm ready", "6", "6"),
        ("instance types", "c6a.4xlarge, m6a.4xlarge", "c6a.4xlarge"),
    ]


def late(seconds: float) -> tuple[Start, ...]:
    return tuple(replace(start, bind=start.bind + seconds) for start in AS_PLANNED.starts)


@pytest.mark.parametrize(
    ("changes", "missed"),
    [
        ({"running": 9, "pending": {"no node": 1}}, ["workspaces running"]),
        ({"provisioners": 11}, ["provisioners ready"]),
        ({"with_images": 3}, ["nodes with images at the start"]),
        ({"ready": {**AS_PLANNED.ready, "litellm/litellm": 5}}, ["litellm/litellm ready"]),
        ({"nodes": {**AS_PLANNED.nodes, "node-0": ("c6a.32xlarge", 3)}}, ["USD per hour", "instance types"]),
        ({"nodes": {**AS_PLANNED.nodes, "more": ("c6a.4xlarge", 0)}}, ["nodes", "USD per hour"]),
        ({"nodes": {"one": ("c6a.4xlarge", 3), "two": ("c6a.4xlarge", 3)}}, ["nodes"]),
        (
            {"nodes": {str(number): ("c6a.4xlarge", count) for number, count in enumerate((4, 4, 1, 1))}},
            ["workspaces per node", "storage free at peak, %"],
        ),
        ({"evicted": {"The node was low on resource: ephemeral-storage.": 1}}, ["workspaces evicted"]),
        ({"left_over": 0}, []),
        ({"left_over": 1}, ["pods after everybody left"]),
        ({"kept": 4}, []),
        ({"kept": 3}, ["nodes after everybody left"]),
        ({"starts": late(55)}, []),
        ({"starts": late(75)}, ["start, mean"]),
    ],
    ids=[
        "one waits",
        "a provisioner less",
        "a node without images",
        "a pod of LiteLLM less",
        "another instance type",
        "a node more",
        "fewer nodes",
        "fuller nodes",
        "a full disk",
        "everybody left",
        "a pod stays",
        "nodes are held",
        "a node goes while it is held",
        "on time",
        "late",
    ],
)
def test_what_did_not_is_named(changes: dict[str, Any], missed: list[str]) -> None:
    assert failed(judged(**changes)) == missed


def test_where_nobody_started_there_is_nothing_to_say_of_waits() -> None:
    verdict = judged(starts=(), running=0, nodes={}, pending={"0/3 nodes are available": 10})
    assert failed(verdict) == ["workspaces running", "nodes"]
    assert verdict.pending == {"us-east-2": {"0/3 nodes are available": 10}}


def test_nodes_of_the_dearest_type_cost_what_is_planned() -> None:
    """A sum of 63 prices, each rounded, was above 63 times the price (random stack 5 of the sweep)."""
    price = node_usd_per_hour("us-east-2", ("m6a.4xlarge",), 435)
    assert nodes_usd_per_hour("us-east-2", ["m6a.4xlarge"] * 63, 435) == 63 * price
    assert sum([price] * 63) != 63 * price


@pytest.mark.parametrize(
    ("fault", "changes", "is_expected"),
    [
        (None, {}, True),
        (None, {"running": 9}, False),
        (Fault.NODE_LOST, {}, True),
        (Fault.NODE_LOST, {"nodes": {**AS_PLANNED.nodes, "more": ("c6a.4xlarge", 0)}}, True),
        (Fault.NODE_LOST, {"running": 9}, False),
        (Fault.NO_CAPACITY, {"starts": (), "running": 0, "nodes": {}}, True),
        (Fault.NO_CAPACITY, {}, False),
        (Fault.POOL_LIMIT, {"running": 7}, True),
        (Fault.POOL_LIMIT, {"running": 7, "evicted": {"low": 1}}, False),
        (Fault.SMALL_VOLUME, {"evicted": {"low": 3}, "running": 7}, True),
        (Fault.NO_CAPACITY, {"starts": late(100), "running": 9}, True),
    ],
    ids=[
        "nothing", "nothing, and one waits", "nothing missed", "a node more", "one waits for ever", "nobody starts",
        "capacity after all", "some wait", "and are evicted", "disks fill", "late as well",
    ],
)  # fmt: skip
def test_a_fault_does_what_it_has_to(fault: Fault | None, changes: dict[str, Any], is_expected: bool) -> None:
    assert is_as_expected(rehearsal(fault), judged(fault, **changes)) is is_expected
