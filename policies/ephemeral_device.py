"""ephemeral-device: the workspace volume lies where the AMI family's kubelet looks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from policies.framework.kinds import NODE_CLASS
from policies.framework.policy import Context, Declared, Policy, Problem, set_by_patch
from policies.framework.quantities import gib
from policies.resources.node_classes import (
    Volume,
    counted_volume,
    ephemeral_capacity,
    ephemeral_device,
    ephemeral_volume,
    kubelet_family,
    volumes,
)
from policies.resources.workspaces import NOT_FOR_WORKSPACES, runs_workspaces


def judge(declared: Declared, context: Context) -> Iterator[Problem]:
    """The volume that the kubelet uses is declared, once, none is larger, and Karpenter counts the same one."""
    if not runs_workspaces(declared, context):
        return
    if declared.is_patch:
        yield from set_by_patch(declared, "amiFamily", "blockDeviceMappings", "instanceStorePolicy")
        return
    name, device, used = kubelet_family(declared), ephemeral_device(declared), ephemeral_volume(declared)
    yield from counted_elsewhere(declared, name, device)
    if used is None:
        yield Problem(
            problem=f"{name}'s kubelet uses {device}, for which spec.blockDeviceMappings declares no volume (20 GiB)",
            fix=f"declare a volume with deviceName {device}",
        )
        return
    yield from named_twice(volumes(declared))
    yield from larger(volumes(declared), used, ephemeral_capacity(declared), name)


def counted_elsewhere(declared: Declared, name: str, device: str) -> Iterator[Problem]:
    """A volume that Karpenter takes for the workspaces' although the kubelet uses another."""
    counted = counted_volume(declared)
    if counted is None or counted.device == device:
        return
    why = "Karpenter plans nodes with the size of a volume that workspaces do not use"
    if counted.is_root:
        yield Problem(
            problem=f"{counted.place} has rootVolume: true, {name}'s kubelet uses {device}",
            why=why,
            fix=f"remove rootVolume from {counted.place}",
        )
    else:
        yield Problem(
            problem=f"{counted.place} is the last mapping of amiFamily Custom, {name}'s kubelet uses {device}",
            why=why,
            fix=f"set spec.amiFamily to {name}",
        )


def larger(declared: Sequence[Volume], used: Volume, size: Decimal, name: str) -> Iterator[Problem]:
    """Volumes with more room than the one in use: they are what somebody meant workspaces to have."""
    for volume in declared:
        if volume.size is not None and volume.size > size:
            yield Problem(
                problem=(
                    f"the workspace volume is on {volume.place} ({gib(volume.size)}), {name}'s kubelet uses "
                    f"{used.place} ({gib(size)})"
                ),
                fix=f"give {used.place} the volumeSize of {volume.place}, and that one what the system needs",
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


EPHEMERAL_DEVICE = Policy(
    id="ephemeral-device",
    title="The workspace volume lies where the AMI family's kubelet looks.",
    why="workspaces would be evicted when the kubelet's own volume fills",
    fix="Set the large volumeSize on /dev/xvdb for Bottlerocket, on /dev/xvda for AL2023.",
    source="The 30 September incident; Karpenter v1.14.1, pkg/providers/amifamily and instancetype/types.go",
    severity="critical",
    applies_to=NODE_CLASS,
    judge=judge,
    options=dict(NOT_FOR_WORKSPACES),
)
