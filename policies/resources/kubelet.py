"""What a node's kubelet leaves to pods, from what a node class reserves.

Source: aws/karpenter-provider-aws v1.14.1, pkg/providers/instancetype/types.go; Kubernetes documentation, Reserve
Compute Resources and Node-pressure Eviction.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from policies.framework.policy import Declared
from policies.framework.quantities import GIB, quantity
from policies.framework.reading import Reading
from policies.resources.node_classes import family, max_pods
from workshop.model.instances import InstanceType
from workshop.model.plan.storage import EVICTION_PERCENT, KUBE_RESERVED_GIB

MIB = 1024**2
DEFAULT_MEMORY_EVICTION = Decimal(100 * MIB)
"""The kubelet's own memory.available, as the EKS AMIs and Karpenter have it."""
COUNTS = ("nodefs.inodesFree", "imagefs.inodesFree", "pid.available")
"""Eviction signals that no size or request bounds: only how high they are set can be judged."""
MOST_PERCENT_OF_COUNTS = 10

_PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,9})?)%")


def kubelet(declared: Declared) -> Reading | None:
    """spec.kubelet, where it is declared."""
    return declared.props.optional("spec", "kubelet")


def allocatable_storage(declared: Declared, capacity: Decimal) -> Decimal:
    """Bytes of ephemeral storage that the kubelet offers to pods of a volume of that capacity. Raises Unreadable.

    One file system holds files and images here, so the highest threshold of either counts.
    """
    reserved = _reserved(declared, "ephemeral-storage", Decimal(KUBE_RESERVED_GIB * GIB))
    hard = _thresholds(declared, ("evictionHard",), ("nodefs.available",), capacity)
    default = [] if hard else [_percent_of(capacity, Decimal(EVICTION_PERCENT))]
    others = _thresholds(
        declared, ("evictionHard", "evictionSoft"), ("nodefs.available", "imagefs.available"), capacity
    )
    return capacity - reserved - max((*hard, *default, *others))


def allocatable_cpu(declared: Declared, instance: InstanceType) -> Decimal:
    """vCPU that the kubelet offers to pods on a node of this type. Raises Unreadable."""
    vcpu = Decimal(instance.vcpu)
    return vcpu - _reserved(declared, "cpu", vcpu - Decimal(instance.allocatable_millicores) / 1000)


def allocatable_memory(declared: Declared, instance: InstanceType) -> Decimal:
    """Bytes of memory that the kubelet offers to pods on a node of this type. Raises Unreadable.

    Karpenter takes 7.5 % off for the hypervisor. Bottlerocket reserves for maxPods, AL2023 for the network's pods.
    """
    mib = Decimal(instance.memory_gib * 1024)
    capacity = (mib - (mib * Decimal("0.075")).to_integral_value(ROUND_CEILING)) * MIB
    pods = max_pods(declared) if family(declared) == "Bottlerocket" else instance.pods
    reserved = _reserved(declared, "memory", Decimal((11 * pods + 255) * MIB))
    hard = _thresholds(declared, ("evictionHard",), ("memory.available",), capacity)
    soft = _thresholds(declared, ("evictionSoft",), ("memory.available",), capacity)
    return capacity - reserved - max((*(hard or [DEFAULT_MEMORY_EVICTION]), *soft))


def early_evictions(declared: Declared) -> Iterator[Reading]:
    """Thresholds of inodes or processes that the kubelet reaches long before these run out. Raises Unreadable."""
    for signal in _signals(declared, ("evictionHard", "evictionSoft"), COUNTS):
        match = _PERCENT.fullmatch(signal.text())
        if match is None or MOST_PERCENT_OF_COUNTS < Decimal(match[1]) < 100:
            yield signal


def _reserved(declared: Declared, resource: str, default: Decimal) -> Decimal:
    found = kubelet(declared)
    by_kubernetes = found.optional("kubeReserved", resource) if found else None
    by_system = found.optional("systemReserved", resource) if found else None
    return (quantity(by_kubernetes) if by_kubernetes else default) + (quantity(by_system) if by_system else Decimal(0))


def _signals(declared: Declared, fields: tuple[str, ...], names: tuple[str, ...]) -> Iterator[Reading]:
    found = kubelet(declared)
    for field in fields:
        for name in names:
            if found and (signal := found.optional(field, name)):
                yield signal


def _thresholds(
    declared: Declared, fields: tuple[str, ...], names: tuple[str, ...], capacity: Decimal
) -> list[Decimal]:
    return [_threshold(signal, capacity) for signal in _signals(declared, fields, names)]


def _threshold(signal: Reading, capacity: Decimal) -> Decimal:
    match = _PERCENT.fullmatch(signal.text())
    if match is None:
        return quantity(signal)
    percent = Decimal(match[1])
    return Decimal(0) if percent == 100 else _percent_of(capacity, percent)


def _percent_of(capacity: Decimal, percent: Decimal) -> Decimal:
    return Decimal(math.ceil(float(capacity) / 100 * float(percent)))  # as Karpenter does, to the byte


def whole(amount: Decimal, unit: int | Decimal) -> int:
    """How many whole units an amount holds."""
    return int((amount / unit).to_integral_value(ROUND_FLOOR))
