"""The plan: everything that follows from the settings, no cloud involved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from workshop.model.settings import Role, Settings

Binding = Literal["cpu", "memory", "storage", "max_users_per_node"]


@dataclass(frozen=True, kw_only=True)
class NodePlan:
    """The workspace nodes of one region.

    users: whose workspaces run here. users_per_node: k of design.md, and binding: the resource that sets it.
    nodes: ceil(users / k). max_pods: kubelet's maxPods. volume_gib: size of the ephemeral device.
    allocatable_storage_gib: what the kubelet offers of it; storage_at_peak_gib: what k workspaces, images and
    logs take; headroom_percent: free share at peak, exact. limit_vcpu and limit_memory_gib: the pool's limits,
    one node more than planned. vcpu_demand: what counts against the quota at that limit, with everything else
    in the region; None where use is not set. usd_per_hour: nodes and volumes at the dearest type.
    """

    users: int
    users_per_node: int
    binding: Binding
    nodes: int
    max_pods: int
    volume_gib: int
    allocatable_storage_gib: Decimal
    storage_at_peak_gib: Decimal
    headroom_percent: Decimal
    limit_vcpu: int
    limit_memory_gib: int
    vcpu_demand: int | None
    usd_per_hour: Decimal


@dataclass(frozen=True, kw_only=True)
class RegionPlan:
    """One region: provisioners by organization (empty where it hosts none), hosts to serve, and its nodes."""

    name: str
    role: Role
    provisioners: Mapping[str, int]
    hosts: tuple[str, ...]
    nodes: NodePlan


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What nodes and volumes cost, USD. not_included names what is left out; hours is the window's length or None.

    per_workshop is None without a window: a length must be known to multiply with.
    """

    usd_per_hour: Decimal
    hours: Decimal | None
    usd_per_workshop: Decimal | None
    not_included: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Everything derived from the settings. regions: by name, in the settings' order."""

    users: int
    litellm: int
    server: int
    proxy: int
    regions: Mapping[str, RegionPlan]
    cost: Cost


def make_plan(settings: Settings) -> Plan:
    """Derives the plan. Raises Refused where no plan exists at all (a workspace fits on no node, say)."""
    raise NotImplementedError
