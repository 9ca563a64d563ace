"""Room for more pods on the nodes that have some."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from workshop.observe.node_room import room_for_more

ASKED = {"cpu": "250m", "memory": "512Mi"}


def node(name: str = "a", *, cordoned: bool = False, **allocatable: str) -> dict[str, Any]:
    has = {"cpu": "4", "memory": "16Gi", "ephemeral-storage": "17Gi", "pods": "110", **allocatable}
    return {"metadata": {"name": name}, "spec": {"unschedulable": cordoned}, "status": {"allocatable": has}}


def pod(asked: Mapping[str, str], on: str | None = "a", init: Mapping[str, str] | None = None) -> dict[str, Any]:
    spec: dict[str, Any] = {"containers": [{"resources": {"requests": asked}}]}
    if on:
        spec["nodeName"] = on
    if init is not None:
        spec["initContainers"] = [{"resources": {"requests": init}}]
    return {"spec": spec}


OURS = [pod(ASKED), pod(ASKED)]


@pytest.mark.parametrize(
    ("nodes", "others", "room"),
    [
        ([node()], [], 14),
        ([node(memory="1536Mi")], [], 1),
        ([node(pods="5")], [], 3),
        ([node()], [pod({"cpu": "3400m"})], 0),
        ([node()], [pod({"cpu": "9"})], 0),
        ([node()], [pod({"cpu": "3400m"}, "b")], 14),
        ([node()], [pod({"cpu": "100m"}, init={"cpu": "1"})], 10),
        ([node(cordoned=True)], [], 0),
        ([node(), node("b")], [], 14),
        ([{"metadata": {"name": "a"}}], [], 0),
        ([], [], 0),
    ],
)
def test_room_beside_what_is_there(nodes: list[Any], others: list[Any], room: int) -> None:
    assert room_for_more(OURS, nodes, [*OURS, *others]) == room


def test_room_on_several_nodes_is_added() -> None:
    ours = [pod(ASKED), pod(ASKED, "b")]
    assert room_for_more(ours, [node("a"), node("b")], ours) == 30


def test_pods_that_ask_for_nothing_are_counted_by_number() -> None:
    ours = [pod({})]
    assert room_for_more(ours, [node(pods="8")], ours) == 7


def test_where_none_is_on_a_node_nothing_is_known() -> None:
    assert room_for_more([pod(ASKED, None)], [node()], []) is None
    assert room_for_more([], [node()], []) is None
