"""What can go wrong on the day, as far as a rehearsal can play it, and what is to be seen then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Fault(StrEnum):
    """One thing that goes wrong."""

    NODE_LOST = "node-lost"
    NO_CAPACITY = "no-capacity"
    POOL_LIMIT = "pool-limit"
    SMALL_VOLUME = "small-volume"


@dataclass(frozen=True, kw_only=True)
class Expected:
    """what: happens, in a sentence. misses: figures that may be missed. is_survived: nothing has to be."""

    what: str
    misses: frozenset[str]
    is_survived: bool = False


EXPECTED: Final[Mapping[Fault, Expected]] = {
    Fault.NODE_LOST: Expected(
        what="a node goes under its workspaces: they start again where there is room, on one node more at most",
        misses=frozenset({"nodes", "USD per hour"}),
        is_survived=True,
    ),
    Fault.NO_CAPACITY: Expected(
        what="AWS has no instance in the region's zones: nobody gets a workspace there",
        misses=frozenset({"workspaces running", "nodes"}),
    ),
    Fault.POOL_LIMIT: Expected(
        what="the region's pool may have one node fewer than planned: workspaces wait, and Karpenter says why",
        misses=frozenset({"workspaces running", "nodes"}),
    ),
    Fault.SMALL_VOLUME: Expected(
        what="the region's nodes have the 50 GiB of 30 September 2024 and workspaces ask for no storage: disks fill, "
        "and people lose their work",
        misses=frozenset(
            {"workspaces running", "workspaces evicted", "storage free at peak, %", "nodes", "USD per hour"}
        ),
    ),
}

SMALL_VOLUME_GIB: Final = 50
"""Of the nodes of 30 September 2024 (postmortem)."""
