"""What can go wrong on the day, as far as a rehearsal can play it, and what is to be seen then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Fault(StrEnum):
    """One thing that goes wrong."""

    NODE_LOST = "node-lost"
    NODE_RETIRED = "node-retired"
    NO_CAPACITY = "no-capacity"
    POOL_LIMIT = "pool-limit"
    SMALL_VOLUME = "small-volume"
    SPOT_INTERRUPTION = "spot-interruption"
    QUOTA = "quota"
    REGION_GONE = "region-gone"
    KEY_ROTATED = "key-rotated"
    REGISTRY_THROTTLED = "registry-throttled"


@dataclass(frozen=True, kw_only=True)
class Expected:
    """what: happens, in a sentence. misses: figures that may be missed. is_survived: nothing has to be.

    on_aws: whether it means something where Karpenter's AWS provider plays (--true), which takes the pool and the class
    as they are; all do where its kwok provider does.
    """

    what: str
    misses: frozenset[str] = frozenset()
    is_survived: bool = False
    on_aws: bool = False


_A_NODE_MORE: Final = frozenset({"nodes", "USD per hour"})
_PEOPLE_WAIT: Final = frozenset({"workspaces running", "nodes"})

EXPECTED: Final[Mapping[Fault, Expected]] = {
    Fault.NODE_LOST: Expected(
        what="a node goes under its workspaces: they start again where there is room, on one node more at most",
        misses=_A_NODE_MORE,
        is_survived=True,
        on_aws=True,
    ),
    Fault.NODE_RETIRED: Expected(
        what="AWS says that it retires a node in two weeks: Karpenter takes it away at once, which no hold stops, and "
        "its workspaces start again elsewhere",
        misses=_A_NODE_MORE,
        is_survived=True,
        on_aws=True,
    ),
    Fault.NO_CAPACITY: Expected(
        what="AWS has no instance in the region's zones: nobody gets a workspace there",
        misses=_PEOPLE_WAIT,
    ),
    Fault.POOL_LIMIT: Expected(
        what="the region's pool may have one node fewer than planned: workspaces wait, and Karpenter says why",
        misses=_PEOPLE_WAIT,
    ),
    Fault.SMALL_VOLUME: Expected(
        what="the region's nodes have the 50 GiB of 30 September 2024 and workspaces ask for no storage: disks fill, "
        "and people lose their work",
        misses=frozenset(
            {"workspaces running", "workspaces evicted", "storage free at peak, %", "nodes", "USD per hour"}
        ),
    ),
    Fault.SPOT_INTERRUPTION: Expected(
        what="AWS takes back a spot instance, if the region has one: its workspaces start again elsewhere",
        misses=_A_NODE_MORE,
        is_survived=True,
        on_aws=True,
    ),
    Fault.QUOTA: Expected(
        what="EC2's vCPU quota is one node short: AWS refuses the last one, and its workspaces wait",
        misses=_PEOPLE_WAIT,
    ),
    Fault.REGION_GONE: Expected(
        what="a region is gone before people come: its users go to the others, whose pools end at their limits; "
        "workshop:survives region sizes for it",
        misses=_PEOPLE_WAIT | {"USD per hour"},
    ),
    Fault.KEY_ROTATED: Expected(
        what="somebody runs the key's rotation while people work: every Secret holds a key that LiteLLM takes",
        is_survived=True,
        on_aws=True,
    ),
    Fault.REGISTRY_THROTTLED: Expected(
        what="the registry answers 429 to the first tries of each pull: nodes are ready later, which people do not "
        "notice where that was before they came",
        is_survived=True,
        on_aws=True,
    ),
}

REGION_GONE_WITH_ROOM: Final = Expected(
    what="a region is gone before people come: its users go to the others, whose pools have room",
    misses=_A_NODE_MORE,
    is_survived=True,
)
"""Where the plan has room for them."""

SMALL_VOLUME_GIB: Final = 50
"""Of the nodes of 30 September 2024 (postmortem)."""

REFUSED_PULLS: Final = 3
"""Tries of each pull that a throttled registry refuses: with the kubelet's back-off, 70 s (10, 20 and 40)."""
