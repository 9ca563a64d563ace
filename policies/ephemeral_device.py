"""ephemeral-device: the workspace volume lies where the AMI family's kubelet looks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from policies.framework.kinds import NODE_CLASS
from policies.framework.policy import Context, Declared, Policy, Problem, set_by_patch
from policies.framework.quantities import gib
from policies.resources.node_classes import Volume, ephemeral_capacity, ephemeral_volume, family, volumes
from workshop.model.plan.storage import EPHEMERAL_DEVICES


def judge(declared: Declared, _context: Context) -> Iterator[Problem]:
    """The volume that the kubelet uses is declared, once, and none is larger."""
    if declared.is_patch:
        yield from set_by_patch(declared, "amiFamily", "blockDeviceMappings", "instanceStorePolicy")
        return
    name = family(declared)
    used = ephemeral_volume(declared)
    place = EPHEMERAL_DEVICES.get(name, "the last mapping")
    if used is None:
        yield Problem(
            problem=f"{name}'s kubelet uses {place}, for which spec.blockDeviceMappings declares no volume (20 GiB)",
            fix=f"declare a volume with deviceName {place}" if name in EPHEMERAL_DEVICES else "declare a volume",
        )
        return
    yield from named_twice(volumes(declared))
    yield from larger(volumes(declared), used, ephemeral_capacity(declared), name)


def larger(declared: Sequence[Volume], used: Volume, size: Decimal, name: str) -> Iterator[Problem]:
    """Volumes with more room than the one in use: they are what somebody meant workspaces to have."""
    for volume in declared:
        if volume.size is not None and volume.size > size:
            yield Problem(
                problem=(
                    f"the workspace volume is on {_place(volume)} ({gib(volume.size)}), {name}'s kubelet uses "
                    f"{_place(used)} ({gib(size)})"
                ),
                fix=f"give {_place(used)} the volumeSize of {_place(volume)}, and that one what the system needs",
            )


def named_twice(declared: Sequence[Volume]) -> Iterator[Problem]:
    """Devices with more than one mapping, of which only one can hold."""
    devices = [volume.device for volume in declared if volume.device is not None]
    for device in sorted({device for device in devices if devices.count(device) > 1}):
        yield Problem(
            problem=f"{device} has {devices.count(device)} mappings",
            why="which of them holds is not defined",
            fix=f"keep one mapping of {device}",
        )


def _place(volume: Volume) -> str:
    return volume.device or volume.path


EPHEMERAL_DEVICE = Policy(
    id="ephemeral-device",
    title="The workspace volume lies where the AMI family's kubelet looks.",
    why="workspaces would be evicted when the kubelet's own volume fills",
    fix="Set the large volumeSize on /dev/xvdb for Bottlerocket, on /dev/xvda for AL2023, last for Custom.",
    source="The 30 September incident; Karpenter v1.14.1, pkg/providers/amifamily",
    severity="critical",
    applies_to=NODE_CLASS,
    judge=judge,
)
