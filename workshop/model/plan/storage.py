"""What the kubelet offers of a node's volume, in exact arithmetic and in terms of declared objects alone."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Final

EPHEMERAL_DEVICES: Final[dict[str, str]] = {"Bottlerocket": "/dev/xvdb", "AL2023": "/dev/xvda"}
"""Device from which the kubelet takes ephemeral storage (Karpenter's AWS provider, pkg/providers/amifamily)."""

KUBE_RESERVED_GIB: Final = 1
"""Karpenter's default kubeReserved ephemeral-storage (pkg/providers/instancetype/types.go)."""

EVICTION_PERCENT: Final = 10
"""The kubelet's default evictionHard nodefs.available (same source)."""


def ephemeral_device(ami_family: str) -> str:
    """The device that this family's kubelet uses. Raises KeyError for a family that isn't supported here."""
    return EPHEMERAL_DEVICES[ami_family]


def allocatable_gib(volume_gib: int) -> Fraction:
    """GiB that pods can use of a volume: less 10 % for eviction and 1 GiB for the kubelet; never below 0."""
    return max(Fraction(0), Fraction(volume_gib * (100 - EVICTION_PERCENT), 100) - KUBE_RESERVED_GIB)


def peak_gib(workspaces: int, storage_gib: int, images_and_logs_gib: int) -> int:
    """GiB in use on a node when each of its workspaces uses all it may."""
    return workspaces * storage_gib + images_and_logs_gib


def free_percent(volume_gib: int, used_gib: int) -> Fraction:
    """Share of the allocatable storage that stays free, in percent; below 0 when it doesn't fit."""
    allocatable = allocatable_gib(volume_gib)
    return (allocatable - used_gib) * 100 / allocatable if allocatable else Fraction(-100)


def volume_gib(used_gib: int, headroom_percent: int) -> int:
    """The smallest whole volume of which more than headroom_percent of the allocatable storage stays free."""
    needed = Fraction(100 * used_gib, 100 - headroom_percent)
    return int((needed + KUBE_RESERVED_GIB) * 100 / (100 - EVICTION_PERCENT)) + 1


def rounded(value: Fraction, places: int = 3) -> Decimal:
    """For showing and for money: rounded down, so that headroom is never overstated."""
    scaled = value * 10**places
    return Decimal(scaled.numerator // scaled.denominator).scaleb(-places)
