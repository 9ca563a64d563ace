"""What is rehearsed: a stack's event, how fast, by which dice, and what goes wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from workshop.model.plan.plan import Plan
from workshop.model.rehearsal.faults import SMALL_VOLUME_GIB, Fault
from workshop.model.settings.stack import Settings

STAND_IN_IMAGE: Final = f"rehearsed.example.com/workspace@sha256:{0:064}"
"""What workspaces run where workshop:arrival.images names nothing."""


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """config: of the stack, as Pulumi hands it out; settings and plan: made of it. seed: gives the same arrivals again.

    speed: times as fast as builds, boots and disks are. fault: in the first region that is played. only: the one
    that is played, None: all that have users. is_cold: nobody makes nodes ready before people come.
    """

    config: Mapping[str, str]
    settings: Settings
    plan: Plan
    seed: int
    speed: int
    fault: Fault | None = None
    only: str | None = None
    is_cold: bool = False

    @property
    def regions(self) -> tuple[str, ...]:
        """Those that are played."""
        return tuple(
            name
            for name, region in self.plan.regions.items()
            if region.nodes.users and (self.only is None or name == self.only)
        )

    @property
    def users(self) -> int:
        """Who comes to the regions that are played."""
        return sum(self.plan.regions[name].nodes.users for name in self.regions)

    def has(self, fault: Fault, region: str) -> bool:
        """Whether this goes wrong in a region."""
        return self.fault is fault and region == self.regions[0]

    def volume_gib(self, region: str) -> int:
        """The disk of a node there."""
        planned = self.plan.regions[region].nodes.volume_gib
        return SMALL_VOLUME_GIB if self.has(Fault.SMALL_VOLUME, region) else planned

    def storage_gib(self, region: str) -> int:
        """What a workspace asks for there, and may take at most; 0: it asks for nothing."""
        return 0 if self.has(Fault.SMALL_VOLUME, region) else self.settings.workspaces.storage_gib

    def nodes_fewer(self, region: str) -> int:
        """By how many nodes its pool's limit is lower than planned."""
        return 2 if self.has(Fault.POOL_LIMIT, region) else 0  # the plan has room for one node more than it needs

    def is_warm(self, region: str) -> bool:
        """Whether nodes can be made ready there before people come."""
        cold = (Fault.NO_CAPACITY, Fault.POOL_LIMIT, Fault.SMALL_VOLUME)
        return not self.is_cold and not any(self.has(fault, region) for fault in cold)
