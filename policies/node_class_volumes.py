"""node-class-volumes: encrypted gp3 volumes, with figures that AWS accepts and sizes as the kubelet reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.framework.kinds import NODE_CLASS
from policies.framework.policy import Context, Declared, Policy, Problem
from policies.framework.quantities import GIB
from policies.resources.node_classes import Volume, volumes

IOPS = (3_000, 16_000)
THROUGHPUT = (125, 1_000)
"""gp3's range that Karpenter's CRD documents, MiB/s; AWS has allowed more since September 2025, not everywhere."""
MAX_THROUGHPUT_PER_IOPS = 0.25
"""MiB/s for each provisioned I/O operation a second (AWS EBS documentation, gp3)."""
SIZE_GIB = (1, 16_384)
"""gp3's range before September 2025, which every region has."""


def judge(declared: Declared, _context: Context) -> Iterator[Problem]:
    """Every volume that the node class declares."""
    for volume in volumes(declared):
        yield from wrong_kind(volume)
        yield from wrong_size(volume)
        yield from wrong_speed(volume)


def wrong_kind(volume: Volume) -> Iterator[Problem]:
    """A volume that is not gp3, or not encrypted."""
    kind = volume.ebs.member("volumeType").text()
    if kind != "gp3":
        yield Problem(problem=f"{volume.path}.ebs.volumeType is '{kind}', must be gp3", fix="set volumeType to gp3")
    if not volume.ebs.member("encrypted").boolean():
        yield Problem(
            problem=f"{volume.path}.ebs.encrypted is false",
            why="participants' files would be stored unencrypted",
            fix="set encrypted to true",
        )


def wrong_size(volume: Volume) -> Iterator[Problem]:
    """A size that is out of range, or in thousands where the kubelet counts in 1,024s."""
    if volume.size is None:
        return
    size = volume.ebs.member("volumeSize")
    if not re.fullmatch(r"\d+(Gi|Ti)", str(size.value)):
        yield Problem(
            problem=f"{size.path} is '{size.value}' ({int(volume.size / GIB)} GiB to the kubelet)",
            fix="write it in whole Gi or Ti",
        )
    low, high = SIZE_GIB
    if not low * GIB <= volume.size <= high * GIB:
        yield Problem(
            problem=f"{size.path} is '{size.value}', a gp3 volume has {low} to {high} GiB",
            fix="set a size in that range",
        )


def wrong_speed(volume: Volume) -> Iterator[Problem]:
    """Operations and throughput that AWS refuses when the node starts."""
    found: dict[str, int] = {}
    for name, (low, high) in (("iops", IOPS), ("throughput", THROUGHPUT)):
        reading = volume.ebs.optional(name)
        found[name] = reading.integer() if reading else low
        if not low <= found[name] <= high:
            yield Problem(
                problem=f"{volume.path}.ebs.{name} is {found[name]}, must be {low} to {high}",
                fix=f"set {name} in that range, or leave it out ({low})",
            )
    most = found["iops"] * MAX_THROUGHPUT_PER_IOPS
    if found["throughput"] > most:
        yield Problem(
            problem=f"{volume.path}.ebs.throughput is {found['throughput']}, {found['iops']} iops allow {most:g}",
            fix=f"set iops to {found['throughput'] * 4} or more",
        )


NODE_CLASS_VOLUMES = Policy(
    id="node-class-volumes",
    title="Node volumes are encrypted gp3 with sizes and speeds that exist.",
    why="the API server accepts it, and the node does not start or is smaller than it reads",
    fix="Declare volumeType gp3, encrypted true, sizes in Gi, iops and throughput within gp3's range.",
    source="Probes of the CRDs by server dry run; AWS EBS documentation, gp3",
    applies_to=NODE_CLASS,
    judge=judge,
)
