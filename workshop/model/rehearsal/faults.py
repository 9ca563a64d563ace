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
    """what: happens, in a sentence. misses: figures that may be missed, of which one is; none: the plan holds."""

    what: str
    misses: frozenset[str]


EXPECTED: Final[Mapping[Fault, Expected]] = {
    Fault.NODE_LOST: Expected(
        what="a node dies under its workspaces: they start again on the one that the pool's limit has room for",
        misses=frozenset(),
    ),
    Fault.NO_CAPACITY: Expected(
        what="AWS has no instance in the first region's zones: its workspaces wait, and Karpenter says why",
        misses=frozenset({"workspaces running", "nodes", "storage free at peak, %"}),
    ),
    Fault.POOL_LIMIT: Expected(
        what="the first region's pool may have one node fewer than planned: workspaces wait, and Karpenter says why",
        misses=frozenset({"workspaces running", "nodes"}),
    ),
    Fault.SMALL_VOLUME: Expected(
        what="nodes have the 50 GiB of 30 September 2024 and workspaces ask for no storage: disks fill, and people are "
        "evicted",
        misses=frozenset({"workspaces evicted", "storage free at peak, %", "workspaces running", "nodes"}),
    ),
}
