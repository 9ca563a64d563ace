"""What a look has to say beside what it found."""

from __future__ import annotations

from workshop.event.look import Look
from workshop.model.event.world import Node, Region


def test_whose_work_keeps_a_node_and_what_was_not_seen() -> None:
    theirs = Node(region="us-east-2", claim="pool-x", instance="i-1", strangers=("coder-ws/coder-eve",))
    ours = Node(region="us-east-2", claim="pool-y", instance="i-2", seats=frozenset({"w"}))
    found = Look(
        workspaces=None,
        provisioners=None,
        regions={"us-east-2": Region(nodes=(theirs, ours)), "us-west-2": None},
        runs={},
        problems={"Coder": "it did not answer"},
    )
    assert found.said() == {
        "Coder": "it did not answer",
        "node pool-x in us-east-2": "kept as long as others work on it: coder-ws/coder-eve",
    }
