"""The workspace nodes of a region: how many workspaces share one, how many there are, and how large their volume is.

The class of node (workspaces a node, volume, maxPods) does not depend on the number of users; only the count does.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from workshop.model.counting import counted
from workshop.model.findings import Finding, Refused
from workshop.model.instances import INSTANCE_TYPES, InstanceType
from workshop.model.plan.cost import node_usd_per_hour
from workshop.model.plan.sizing import ceil_div, divided, users_of_share
from workshop.model.plan.storage import allocatable_gib, free_percent, peak_gib, rounded, volume_gib
from workshop.model.settings.regions import Region
from workshop.model.settings.stack import Settings
from workshop.model.settings.workspaces import DaemonSetOverhead, Workspaces

Binding = Literal["cpu", "memory", "pods", "max_users_per_node"]

MAX_VOLUME_GIB: Final = 65_536
"""Largest gp3 volume, 64 TiB (AWS, since September 2025)."""


@dataclass(frozen=True, kw_only=True)
class NodePlan:
    """The workspace nodes of one region.

    users: whose workspaces run here. users_per_node: k in docs/sizing.md, and binding: what limits it.
    nodes: ceil(users / k). max_pods: kubelet's maxPods. volume_gib: size of the ephemeral device.
    allocatable_storage_gib: what the kubelet offers of it; storage_at_peak_gib: what k workspaces, images and
    logs take; headroom_percent: free share at peak, rounded down. limit_vcpu and limit_memory_gib: the pool's limits,
    one node more than planned, and what a lost region's users take where that is to be survived. vcpu_demand: what
    counts against the quota at that limit, with everything else in the region; None where use is not set.
    usd_per_hour: nodes and volumes at the dearest type.
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


def plan_nodes(settings: Settings, region: Region, all_users: int) -> NodePlan:
    """Sizes one region's nodes for its share of all users.

    Raises Refused where no node can hold a workspace or its storage.
    """
    workspaces = settings.workspaces
    types = [INSTANCE_TYPES[name] for name in workspaces.instance_types]
    density, binding = users_per_node(workspaces, settings.daemonset_overhead)
    at_peak = peak_gib(density, workspaces.storage_gib, workspaces.images_and_logs_gib)
    volume = volume_gib(at_peak, workspaces.headroom_percent)
    if volume > MAX_VOLUME_GIB:
        raise Refused((_volume_too_large(volume, density),))
    users = users_of_share(all_users, region.share)
    nodes = ceil_div(users, density)
    limit_nodes = ceil_div(users + _of_a_lost_region(settings, region, all_users), density) + 1
    limit_vcpu = limit_nodes * max(one.vcpu for one in types)
    return NodePlan(
        users=users,
        users_per_node=density,
        binding=binding,
        nodes=nodes,
        max_pods=density + settings.daemonset_overhead.pods,
        volume_gib=volume,
        allocatable_storage_gib=rounded(allocatable_gib(volume)),
        storage_at_peak_gib=Decimal(at_peak),
        headroom_percent=rounded(free_percent(volume, at_peak)),
        limit_vcpu=limit_vcpu,
        limit_memory_gib=limit_nodes * max(one.memory_gib for one in types),
        vcpu_demand=None
        if region.vcpu_in_use is None
        else region.vcpu_in_use + limit_vcpu + region.vcpu_planned_elsewhere,
        usd_per_hour=nodes * node_usd_per_hour(region.name, workspaces.instance_types, volume),
    )


def _of_a_lost_region(settings: Settings, region: Region, all_users: int) -> int:
    """Users who come here at most when another region is gone, where that is to be survived."""
    if settings.survives != "region":
        return 0
    return max(
        divided(
            users_of_share(all_users, lost.share),
            {one.name: one.share for one in settings.regions if one.name != lost.name},
        )[region.name]
        for lost in settings.regions
        if lost.name != region.name
    )


def users_per_node(workspaces: Workspaces, overhead: DaemonSetOverhead) -> tuple[int, Binding]:
    """Workspaces that share a node, the smallest count over all instance types, and what limits it.

    Counted by the largest vCPU and the largest memory of any shape. Raises Refused where not even one fits.
    """
    vcpu, memory_gib = workspaces.largest.vcpu, workspaces.largest.memory_gib
    bounds: list[tuple[int, Binding, str]] = [
        (count, binding, name)
        for name in workspaces.instance_types
        for count, binding in _bounds(INSTANCE_TYPES[name], vcpu, memory_gib, overhead)
    ]
    bounds.append((workspaces.max_users_per_node, "max_users_per_node", ""))
    count, binding, name = min(bounds, key=lambda bound: bound[0])
    if count < 1:
        raise Refused((_does_not_fit(name, binding, vcpu, memory_gib, overhead),))
    return count, binding


def _bounds(
    instance: InstanceType, vcpu: int, memory_gib: int, overhead: DaemonSetOverhead
) -> tuple[tuple[int, Binding], ...]:
    return (
        ((instance.allocatable_millicores - overhead.cpu_millicores) // (vcpu * 1000), "cpu"),
        ((instance.allocatable_mib - overhead.memory_mib) // (memory_gib * 1024), "memory"),
        (instance.pods - overhead.pods, "pods"),
    )


def _does_not_fit(name: str, binding: str, vcpu: int, memory_gib: int, overhead: DaemonSetOverhead) -> Finding:
    instance = INSTANCE_TYPES[name]
    return Finding(
        rule="workspace-fits",
        resource=f"instance type {name}",
        problem=(
            f"a workspace of {vcpu} vCPU and {memory_gib} GiB doesn't fit ({binding}): DaemonSets leave "
            f"{instance.allocatable_millicores - overhead.cpu_millicores}m CPU, "
            f"{instance.allocatable_mib - overhead.memory_mib} MiB and {counted(instance.pods - overhead.pods, 'pod')}"
        ),
        why="its workspaces would stay pending",
        fix="name larger types in workshop:workspaces.instance_types or smaller shapes in workshop:workspaces.shapes",
    )


def _volume_too_large(volume: int, density: int) -> Finding:
    return Finding(
        rule="storage-headroom",
        resource="workspace nodes",
        problem=f"a node with {counted(density, 'workspace')} needs a volume of {volume} GiB; gp3 has at most "
        f"{MAX_VOLUME_GIB}",
        why="storage would run out before CPU and memory do",
        fix="lower workshop:workspaces.storage_gib or workshop:workspaces.max_users_per_node",
    )
