"""EC2 instance types that workspace nodes may have: sizes, prices, and what the kubelet leaves to pods.

Figures, each with its source and date, are in data/instances.json.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from importlib import resources
from typing import Final

from pydantic import BaseModel, ConfigDict, Field


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class InstanceType(_Data):
    """Size and price of one type. pods: limit by network interfaces. usd_per_hour: on demand, Linux, by region.

    interfaces: how many of these a node may have; they share so many attachments with its volumes.
    """

    vcpu: int
    memory_gib: int
    pods: int
    interfaces: int
    attachments: int
    size_source: str
    usd_per_hour: Mapping[str, Decimal]
    price_source: str

    @property
    def allocatable_millicores(self) -> int:
        """CPU that the kubelet leaves to pods.

        Reserved are 6 % of the first core, 1 % of the second, 0.5 % of two more and 0.25 % of the rest
        (EKS's kubeReserved, as in Karpenter's pkg/providers/instancetype/types.go).
        """
        reserved = sum(
            Fraction(share) * max(0, min(self.vcpu, last) - first)
            for share, first, last in ((60, 0, 1), (10, 1, 2), (5, 2, 4), (Fraction(5, 2), 4, self.vcpu))
        )
        return int(self.vcpu * 1000 - reserved)

    @property
    def allocatable_mib(self) -> int:
        """Memory that the kubelet leaves to pods (Karpenter, same file).

        Less 7.5 % for the hypervisor, 11 MiB for each possible pod and 255 more for the kubelet, 100 for eviction.
        The pods are those that the network allows: a lower maxPods does not lower what is reserved.
        """
        return int(self.memory_gib * 1024 * Fraction(925, 1000)) - (11 * self.pods + 255) - 100


class _Source(_Data):
    from_: str = Field(alias="from")
    date: str


class _Catalogue(_Data):
    sources: Mapping[str, _Source]
    zones: Mapping[str, tuple[str, ...]]
    zones_source: str
    gp3_usd_per_gib_month: Mapping[str, Decimal]
    gp3_source: str
    types: Mapping[str, InstanceType]


_CATALOGUE: Final = _Catalogue.model_validate_json(
    resources.files("workshop.model").joinpath("data/instances.json").read_bytes()
)

INSTANCE_TYPES: Final[Mapping[str, InstanceType]] = _CATALOGUE.types
"""By name, such as c6a.4xlarge."""

GP3_USD_PER_GIB_MONTH: Final[Mapping[str, Decimal]] = _CATALOGUE.gp3_usd_per_gib_month
"""Price of gp3 volumes with baseline throughput, by region."""

ZONES: Final[Mapping[str, frozenset[str]]] = {
    region: frozenset(f"{region}{letter}" for letter in letters) for region, letters in _CATALOGUE.zones.items()
}
"""Availability zones by region, such as us-east-2c; of the regions whose prices are known."""
