"""storage-headroom: a node full of workspaces still has most of its storage free."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from decimal import Decimal

from policies.framework.kinds import NODE_CLASS
from policies.framework.policy import Context, Declared, Policy, Problem, set_by_patch
from policies.framework.quantities import GIB, gib
from policies.resources.kubelet import MOST_PERCENT_OF_COUNTS, allocatable_storage, early_evictions
from policies.resources.node_classes import ephemeral_capacity, ephemeral_device, ephemeral_volume, max_pods
from policies.resources.workspaces import OPTIONS, runs_workspaces, workspace_needs
from workshop.model.plan.storage import peak_gib

MAX_VOLUME_GIB = 16_384
"""gp3's most before September 2025, which every region has (as node-class-volumes judges)."""


def judge(declared: Declared, context: Context) -> Iterator[Problem]:
    """The storage that the node class leaves free when it holds as many workspaces as its kubelet lets in.

    Thresholds of inodes and process ids are judged by how high they are set.
    """
    if not runs_workspaces(declared, context):
        return
    if declared.is_patch:
        yield from set_by_patch(declared, "amiFamily", "blockDeviceMappings", "instanceStorePolicy", "kubelet")
        return
    for signal in early_evictions(declared):
        yield Problem(
            problem=f"{signal.path} is {signal.text()}, must be a percentage of {MOST_PERCENT_OF_COUNTS} or less",
            why="the kubelet evicts workspaces while there is room for them",
            fix=f"set {signal.path} to {MOST_PERCENT_OF_COUNTS}%",
        )
    needs = workspace_needs(context)
    workspaces = max(max_pods(declared) - needs.daemonset_pods, 1)
    used = peak_gib(workspaces, needs.storage_gib, needs.images_and_logs_gib)
    allocatable = allocatable_storage(declared, ephemeral_capacity(declared))
    if has_headroom(allocatable, used, needs.headroom_percent):
        return
    volume, device = ephemeral_volume(declared), ephemeral_device(declared)
    place = f"{volume.path} ({device})" if volume else "the AMI's own volume, which no mapping sizes,"
    yield Problem(
        problem=(
            f"{place} gives {gib(allocatable)} allocatable, of which {workspaces} workspace{'s' * (workspaces != 1)}, "
            "images and logs take "
            f"{used} GiB at peak; more than {needs.headroom_percent} % must stay free"
        ),
        fix=fix(declared, used, needs.headroom_percent, f"{volume.path}.ebs.volumeSize" if volume else None, device),
    )


def has_headroom(allocatable: Decimal, used_gib: int, headroom_percent: int) -> bool:
    """Whether more than the headroom stays free of allocatable bytes."""
    return (allocatable - used_gib * GIB) * 100 > allocatable * headroom_percent


def fix(declared: Declared, used_gib: int, headroom_percent: int, size_path: str | None, device: str) -> str:
    """The smallest volume that is enough with what the kubelet reserves, or what must be reserved less."""

    def is_enough(volume_gib: int) -> bool:
        return has_headroom(allocatable_storage(declared, Decimal(volume_gib * GIB)), used_gib, headroom_percent)

    smallest = bisect_left(range(1, MAX_VOLUME_GIB + 1), True, key=is_enough) + 1
    if smallest > MAX_VOLUME_GIB:
        return "lower spec.kubelet's maxPods, reservations and eviction thresholds: no volume is large enough with them"
    if size_path:
        return f"set {size_path} to {smallest}Gi or more"
    return f"declare a volume of {smallest}Gi with deviceName {device}"


STORAGE_HEADROOM = Policy(
    id="storage-headroom",
    title="Node storage holds every workspace that a node takes, with headroom.",
    why="a node whose storage fills up evicts its workspaces, and their files are gone",
    fix="Enlarge the volume that the AMI family's kubelet uses, or lower maxPods.",
    source="The 30 September incident; Karpenter v1.14.1, pkg/providers/instancetype/types.go",
    severity="critical",
    applies_to=NODE_CLASS,
    judge=judge,
    options=OPTIONS,
)
