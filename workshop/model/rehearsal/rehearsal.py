"""What is rehearsed: a stack's event, how fast, by which dice, and what goes wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Final

from workshop.model.instances import INSTANCE_TYPES
from workshop.model.plan.arrival import boots
from workshop.model.plan.plan import Plan
from workshop.model.plan.sizing import ceil_div, divided
from workshop.model.rehearsal.faults import (
    EXPECTED,
    REFUSED_PULLS,
    REGION_GONE_WITH_ROOM,
    SMALL_VOLUME_GIB,
    Expected,
    Fault,
)
from workshop.model.settings.regions import Role
from workshop.model.settings.stack import Settings
from workshop.model.settings.workspaces import Shape

STAND_IN_IMAGE: Final = f"rehearsed.example.com/workspace@sha256:{0:064}"
"""What workspaces run where workshop:arrival.images names nothing."""

_NODES_MORE: Final = 5
"""Than planned, each with a boot of its own; what is launched beyond takes as long as the first did."""


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """config: of the stack, as Pulumi hands it out; settings and plan: made of it. seed: gives the same arrivals again.

    speed: times as fast as builds, boots and disks are. fault: in the first region that is played. only: the one
    that is played, None: all that have users. is_cold: nobody makes nodes ready before people come. on_aws: Karpenter's
    AWS provider judges pool and class themselves, instead of its kwok provider a copy.
    """

    config: Mapping[str, str]
    settings: Settings
    plan: Plan
    seed: int
    speed: int
    fault: Fault | None = None
    only: str | None = None
    is_cold: bool = False
    on_aws: bool = False

    @property
    def regions(self) -> tuple[str, ...]:
        """Those that are played."""
        return tuple(
            name
            for name, region in self.plan.regions.items()
            if region.nodes.users and (self.only is None or name == self.only) and name != self.gone
        )

    @property
    def gone(self) -> str | None:
        """A region that is not there, and whose users go to the others: the first that only has a proxy."""
        if self.fault is not Fault.REGION_GONE:
            return None
        proxies = (name for name, region in self.plan.regions.items() if region.role is Role.PROXY)
        return next((name for name in proxies if self.plan.regions[name].nodes.users), None)

    @property
    def why_not(self) -> str | None:
        """Why this fault can't be played here; None where it can."""
        control_plane = next(name for name, region in self.plan.regions.items() if region.role is Role.CONTROL_PLANE)
        if self.fault is Fault.REGION_GONE and (self.gone is None or self.only is not None or not self.regions):
            return f"{self.fault} needs a proxy region with users, and others that they go to: leave out --region"
        if self.fault is Fault.KEY_ROTATED and self.regions[:1] != (control_plane,):
            return f"{self.fault} is played where LiteLLM runs, and {control_plane} is left out"
        if self.on_aws and self.expected is not None and not self.expected.on_aws:
            return f"{self.fault} is played with a copy of the pool, which --true takes as it is: leave out --true"
        return None

    @property
    def expected(self) -> Expected | None:
        """What the fault does to this plan; None without one."""
        if self.fault is Fault.REGION_GONE and all(map(self._has_room, self.regions)):
            return REGION_GONE_WITH_ROOM
        return None if self.fault is None else EXPECTED[self.fault]

    @property
    def users(self) -> int:
        """Who comes to the regions that are played."""
        return sum(map(self.users_in, self.regions))

    def users_in(self, region: str) -> int:
        """Who comes to a region, those of one that is gone among them."""
        users = self.plan.regions[region].nodes.users
        if self.gone is None:
            return users
        shares = {one.name: one.share for one in self.settings.regions if one.name != self.gone}
        return users + divided(self.plan.regions[self.gone].nodes.users, shares)[region]

    def _has_room(self, region: str) -> bool:
        nodes = self.plan.regions[region].nodes
        return ceil_div(self.users_in(region), nodes.users_per_node) * self._node_vcpu <= nodes.limit_vcpu

    @property
    def _node_vcpu(self) -> int:
        return max(INSTANCE_TYPES[name].vcpu for name in self.settings.workspaces.instance_types)

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

    def shape_of(self, region: str, person: int) -> Shape:
        """What somebody chooses, by the shapes' weights; where something goes wrong everybody takes the largest."""
        if self.fault is not None:
            return self.settings.workspaces.largest
        shapes = self.settings.workspaces.shapes
        chance = Random(f"{self.seed} {region} {person}")  # noqa: S311 - no secret
        return chance.choices(shapes, [one.weight for one in shapes])[0]

    def boots(self, region: str) -> tuple[float, ...]:
        """Seconds until each node is ready that is launched there, one after the other."""
        return boots(self.settings.arrival, self.plan.regions[region].nodes.nodes + _NODES_MORE, self.seed)

    def nodes_fewer(self, region: str) -> int:
        """By how many nodes its pool's limit is lower than planned."""
        return 2 if self.has(Fault.POOL_LIMIT, region) else 0  # the plan has room for one node more than it needs

    def quota_vcpu(self, region: str) -> int | None:
        """How many vCPU EC2 lets workspace nodes have there; None: as many as there may be."""
        fewer = self.plan.regions[region].nodes.nodes - 1
        return fewer * self._node_vcpu if self.has(Fault.QUOTA, region) else None

    def refused_pulls(self, region: str) -> int:
        """Tries of each pull that the registry refuses there."""
        return REFUSED_PULLS if self.has(Fault.REGISTRY_THROTTLED, region) else 0

    def is_warm(self, region: str) -> bool:
        """Whether nodes can be made ready there before people come."""
        cold = (Fault.NO_CAPACITY, Fault.POOL_LIMIT, Fault.SMALL_VOLUME, Fault.QUOTA)
        return region != self.gone and not self.is_cold and not any(self.has(fault, region) for fault in cold)
