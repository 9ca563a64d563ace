"""What a rehearsal showed is judged by what the plan had said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.model.given import settings
from workshop.model.plan.arrival import Crowd, Start, simulate
from workshop.model.plan.plan import plan_of_event
from workshop.model.rehearsal.verdict import RegionSeen, Verdict, judge

WINDOW = {"start": "2026-10-02T11:00+00:00", "duration": "4h"}
SETTINGS = settings(users=20, window=WINDOW)
PLAN = plan_of_event(SETTINGS)
REGION = PLAN.regions["us-east-2"]
PROVISIONERS = REGION.provisioners["coder"]
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
    provisioners=PROVISIONERS,
    nodes={f"node-{number}": ("c6a.4xlarge", count) for number, count in enumerate((3, 3, 3, 1))},
    pending={},
    evicted={},
)


def judged(**changes: object) -> Verdict:
    return judge(SETTINGS, PLAN, {"us-east-2": replace(AS_PLANNED, **changes)}, SETTINGS.arrival, seed=3)  # type: ignore[arg-type]


def failed(verdict: Verdict) -> list[str]:
    return [one.name for one in verdict.figures if one.passed is False]


def test_what_went_as_planned_passes() -> None:
    verdict = judged()
    assert verdict.passed
    assert [(one.name, one.predicted, one.observed) for one in verdict.figures][:7] == [
        ("workspaces running", "10", "10"),
        ("provisioners ready", "12", "12"),
        ("nodes", "4", "4"),
        ("USD per hour", "2.86", "2.55"),
        ("workspaces evicted", "0", "0"),
        ("workspaces per node", "3", "3"),
        ("storage free at peak, %", "60.1", "60.1"),
    ]


def late(seconds: float) -> tuple[Start, ...]:
    return tuple(replace(start, bind=start.bind + seconds) for start in AS_PLANNED.starts)


@pytest.mark.parametrize(
    ("changes", "missed"),
    [
        ({"starts": AS_PLANNED.starts[:-1], "pending": {"no node": 1}}, ["workspaces running"]),
        ({"provisioners": 11}, ["provisioners ready"]),
        ({"nodes": {**AS_PLANNED.nodes, "more": ("c6a.4xlarge", 0)}}, ["nodes", "USD per hour"]),
        ({"nodes": {"one": ("c6a.4xlarge", 3), "two": ("c6a.4xlarge", 3)}}, ["nodes"]),
        (
            {"nodes": {str(number): ("c6a.4xlarge", count) for number, count in enumerate((4, 4, 1, 1))}},
            ["workspaces per node", "storage free at peak, %"],
        ),
        ({"evicted": {"The node was low on resource: ephemeral-storage.": 1}}, ["workspaces evicted"]),
        ({"starts": late(55)}, []),
        ({"starts": late(75)}, ["start, mean"]),
    ],
    ids=[
        "one waits",
        "a provisioner less",
        "a node more",
        "fewer nodes",
        "fuller nodes",
        "a full disk",
        "on time",
        "late",
    ],
)
def test_what_did_not_is_named(changes: dict[str, object], missed: list[str]) -> None:
    assert failed(judged(**changes)) == missed


def test_where_nobody_started_there_is_nothing_to_say_of_waits() -> None:
    verdict = judged(starts=(), nodes={}, pending={"0/3 nodes are available": 10})
    assert failed(verdict) == ["workspaces running", "nodes"]
    assert verdict.pending == {"us-east-2": {"0/3 nodes are available": 10}}
