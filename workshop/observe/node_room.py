"""Room on the nodes that a Deployment's pods are on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from lightkube.utils.quantity import parse_quantity

Manifest = Mapping[str, Any]

_RESOURCES: Final = ("cpu", "memory", "ephemeral-storage")


def room_for_more(ours: Sequence[Manifest], nodes: Iterable[Manifest], pods: Sequence[Manifest]) -> int | None:
    """How many more pods like these fit beside all others, by requests and maxPods, on nodes that have some of them.

    Cordoned nodes have no room. None where none of these is on a node.
    """
    used = {pod["spec"]["nodeName"] for pod in ours if pod["spec"].get("nodeName")}
    if not used:
        return None
    each = _requests(ours[0])
    return sum(_fits(node, each, pods) for node in nodes if node["metadata"]["name"] in used)


def _fits(node: Manifest, each: Mapping[str, Decimal], pods: Sequence[Manifest]) -> int:
    if node.get("spec", {}).get("unschedulable"):
        return 0
    on_node = [pod for pod in pods if pod["spec"].get("nodeName") == node["metadata"]["name"]]
    allocatable: Mapping[str, str] = node.get("status", {}).get("allocatable", {})
    room = [int(allocatable.get("pods", "0")) - len(on_node)]
    for resource, asked in each.items():
        left = _amount(allocatable.get(resource, "0")) - sum(_requests(pod)[resource] for pod in on_node)
        room += [int(left // asked)] if asked else []
    return max(0, min(room))


def _requests(pod: Manifest) -> Mapping[str, Decimal]:
    """What the scheduler counts for a pod: its containers together, or an init container that asks for more."""
    spec = pod["spec"]
    together = [_of_container(one) for one in spec.get("containers", ())]
    first = [_of_container(one) for one in spec.get("initContainers") or ()]
    return {
        resource: max(
            sum((one[resource] for one in together), Decimal(0)), *(one[resource] for one in first), Decimal(0)
        )
        for resource in _RESOURCES
    }


def _of_container(container: Manifest) -> Mapping[str, Decimal]:
    resources: Mapping[str, Mapping[str, str]] = container.get("resources") or {}
    return {resource: _amount(resources.get("requests", {}).get(resource, "0")) for resource in _RESOURCES}


def _amount(quantity: str) -> Decimal:
    return parse_quantity(quantity) or Decimal(0)
