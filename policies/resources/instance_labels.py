"""The labels by which Karpenter selects the catalogue's instance types.

Source: karpenter-provider-aws v1.14.1, pkg/providers/instancetype/types.go (computeRequirements), and the values in
its documentation (karpenter.sh, Reference, Instance Types) of 2026-07-20.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Final

from workshop.model.instances import INSTANCE_TYPES

INSTANCE_TYPE: Final = "node.kubernetes.io/instance-type"
ZONE: Final = "topology.kubernetes.io/zone"
REGION: Final = "topology.kubernetes.io/region"
_AWS: Final = "karpenter.k8s.aws"

_NAME: Final = re.compile(r"(?P<category>[a-z]+)(?P<generation>\d+)[a-z]*\.(?P<size>\w+)")

_ABSENT: Final = (
    "capacity-reservation-id",
    "capacity-reservation-interruptible",
    "capacity-reservation-type",
    "instance-accelerator-count",
    "instance-accelerator-manufacturer",
    "instance-accelerator-name",
    "instance-gpu-count",
    "instance-gpu-manufacturer",
    "instance-gpu-memory",
    "instance-gpu-name",
    "instance-local-nvme",
)
"""Labels that none of the catalogue's types has: no accelerators, no disks of their own, no reservations."""

_MEGABITS: Final[Mapping[str, tuple[int, int]]] = {
    "c6a.xlarge": (10_000, 1_562),
    "c6a.4xlarge": (10_000, 6_250),
    "c6a.8xlarge": (10_000, 12_500),
    "c6a.32xlarge": (40_000, 50_000),
    "m5a.4xlarge": (2_880, 5_000),
    "m6a.xlarge": (10_000, 1_562),
    "m6a.4xlarge": (10_000, 6_250),
}
"""Bandwidth to EBS, and of the network, Mbit/s."""

_FIFTH_GENERATION_MHZ: Final = "2500"
_LATER_MHZ: Final = "3600"


def labels_of(name: str, region: str, zones: Collection[str]) -> Mapping[str, Collection[str]]:
    """What a type of the catalogue has for each label in a region; empty where it lacks the label."""
    match, instance = _NAME.fullmatch(name), INSTANCE_TYPES[name]
    family, _, size = name.partition(".")
    is_fifth = match is not None and match["generation"] == "5"
    ebs, network = _MEGABITS.get(name, (0, 0))
    aws: dict[str, Collection[str]] = {
        **dict.fromkeys(_ABSENT, ()),
        "instance-capability-flex": ("false",),
        "instance-category": (match["category"],) if match else (),
        "instance-cpu": (str(instance.vcpu),),
        "instance-cpu-manufacturer": ("amd",),
        "instance-cpu-sustained-clock-speed-mhz": (_FIFTH_GENERATION_MHZ if is_fifth else _LATER_MHZ,),
        "instance-ebs-bandwidth": (str(ebs),),
        "instance-encryption-in-transit-supported": ("false" if is_fifth else "true",),
        "instance-family": (family,),
        "instance-generation": (match["generation"],) if match else (),
        "instance-hypervisor": ("nitro",),
        "instance-memory": (str(instance.memory_gib * 1024),),
        "instance-network-bandwidth": (str(network),),
        "instance-size": (size,),
        "instance-tenancy": ("default", "dedicated"),
    }
    return {
        **{f"{_AWS}/{label}": values for label, values in aws.items()},
        INSTANCE_TYPE: (name,),
        REGION: (region,),
        ZONE: zones,
        "karpenter.sh/capacity-type": ("on-demand", "spot"),
        "kubernetes.io/arch": ("amd64",),
        "kubernetes.io/os": ("linux",),
        "node.kubernetes.io/windows-build": (),
    }
