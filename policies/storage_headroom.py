"""storage-headroom: a node full of workspaces still has most of its storage free."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from policies.framework.kinds import NODE_CLASS
from policies.framework.policy import Context, Declared, Policy, Problem, set_by_patch
from policies.framework.quantities import GIB, gib
from policies.resources.node_classes import allocatable_storage, ephemeral_volume, max_pods
from policies.resources.workspaces import OPTIONS, WorkspaceNeeds, runs_workspaces, workspace_needs
from workshop.model.plan.storage import peak_gib, volume_gib


def judge(declared: Declared, context: Context) -> Iterator[Problem]:
    """The storage that the node class leaves free when it holds as many workspaces as its kubelet lets in."""
    if not runs_workspaces(declared, context):
        return
    if declared.is_patch:
        yield from set_by_patch(declared, "amiFamily", "blockDeviceMappings", "instanceStorePolicy", "kubelet")
        return
    needs = workspace_needs(context)
    workspaces = max_pods(declared) - needs.daemonset_pods
    volume = ephemeral_volume(declared)
    place = (
        f"{volume.path} ({volume.device or 'root volume'})"
        if volume
        else "the AMI's own volume, which no mapping sizes,"
    )
    yield from too_little(allocatable_storage(declared), workspaces, needs, place)


def too_little(allocatable: Decimal, workspaces: int, needs: WorkspaceNeeds, place: str) -> Iterator[Problem]:
    """Allocatable bytes against what workspaces, images and logs take at peak; the headroom must be exceeded."""
    used = peak_gib(max(workspaces, 1), needs.storage_gib, needs.images_and_logs_gib)
    if (allocatable - used * GIB) * 100 > allocatable * needs.headroom_percent:
        return
    volume = volume_gib(used, needs.headroom_percent)
    yield Problem(
        problem=(
            f"{place} gives {gib(allocatable)} allocatable, of which {workspaces} workspaces, images and logs take "
            f"{used} GiB at peak; more than {needs.headroom_percent} % must stay free"
        ),
        fix=f"set volumeSize to {volume}Gi or more",
    )


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
