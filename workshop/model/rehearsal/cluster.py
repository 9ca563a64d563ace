"""What Karpenter's kwok provider is given in place of AWS: a catalogue of instance types, and our pool on its class."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from math import floor
from typing import Any, Final

from workshop.model.instances import INSTANCE_TYPES, ZONES
from workshop.model.plan.storage import allocatable_gib
from workshop.model.rehearsal.faults import Fault
from workshop.model.rehearsal.rehearsal import Rehearsal

KWOK_CLASS: Final[Mapping[str, str]] = {"group": "karpenter.kwok.sh", "kind": "KWOKNodeClass", "name": "rehearsal"}
"""A class has no settings there: what it stands for, the volume and maxPods of ours, is in the catalogue."""

_TAKEN_MILLICORES: Final = 100
_TAKEN_MIB: Final = 10
"""That the provider subtracts from what it reads (Karpenter 1.14, kwok provider)."""

_ELSEWHERE: Final = "elsewhere"
"""No pool's zone: the provider takes everything that it reads for available, whatever it says."""


def instance_types(rehearsal: Rehearsal, region: str) -> list[dict[str, Any]]:
    """Every instance type as a node of our class offers it to pods, as the provider reads it; prices are on demand."""
    storage_gib = floor(allocatable_gib(rehearsal.volume_gib(region)))
    zones = [_ELSEWHERE] if rehearsal.has(Fault.NO_CAPACITY, region) else sorted(ZONES[region])
    return [
        {
            "name": name,
            "architecture": "amd64",
            "operatingSystems": ["linux"],
            "resources": {
                "cpu": f"{found.allocatable_millicores + _TAKEN_MILLICORES}m",
                "memory": f"{found.allocatable_mib + _TAKEN_MIB}Mi",
                "ephemeral-storage": f"{storage_gib}Gi",
                "pods": str(rehearsal.plan.regions[region].nodes.max_pods),
            },
            "offerings": [
                {
                    "Price": float(found.usd_per_hour[region]),
                    "Available": True,
                    "Requirements": [
                        {"key": "karpenter.sh/capacity-type", "operator": "In", "values": ["on-demand"]},
                        {"key": "topology.kubernetes.io/zone", "operator": "In", "values": [zone]},
                    ],
                }
                for zone in zones
            ],
        }
        for name, found in INSTANCE_TYPES.items()
        if region in found.usd_per_hour
    ]


def on_kwok(pool: Mapping[str, Any], nodes_fewer: int = 0) -> dict[str, Any]:
    """A copy of a NodePool that differs in its class reference alone, to be made anew; its limit may be lowered."""
    copy = deepcopy(dict(pool))
    kept = {"name", "labels", "annotations"}
    copy["metadata"] = {name: value for name, value in copy["metadata"].items() if name in kept}
    copy.pop("status", None)
    copy["spec"]["template"]["spec"]["nodeClassRef"] = dict(KWOK_CLASS)
    if nodes_fewer:
        vcpu = max(INSTANCE_TYPES[name].vcpu for name in _types(copy["spec"]))
        copy["spec"]["limits"]["cpu"] = str(int(copy["spec"]["limits"]["cpu"]) - nodes_fewer * vcpu)
    return copy


def _types(spec: Mapping[str, Any]) -> list[str]:
    requirements = spec["template"]["spec"]["requirements"]
    return next(one["values"] for one in requirements if one["key"] == "node.kubernetes.io/instance-type")
