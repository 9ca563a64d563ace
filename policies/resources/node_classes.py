"""An EC2NodeClass as Karpenter and the kubelet read it.

Source: aws/karpenter-provider-aws v1.14.1, pkg/providers/amifamily and pkg/providers/instancetype/types.go.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from policies.framework.policy import Declared
from policies.framework.quantities import GIB, quantity
from policies.framework.reading import Reading, Unreadable
from workshop.model.plan.storage import EPHEMERAL_DEVICES, EVICTION_PERCENT, KUBE_RESERVED_GIB

FAMILIES = (*EPHEMERAL_DEVICES, "Custom")
DEFAULT_VOLUME = Decimal(20 * GIB)
"""What a node gets on a device that no mapping names."""


@dataclass(frozen=True, kw_only=True)
class Volume:
    """One block device mapping. size: bytes, or None where a snapshot gives it; ebs: the rest as declared."""

    device: str | None
    size: Decimal | None
    is_root: bool
    ebs: Reading
    path: str


def volumes(declared: Declared) -> tuple[Volume, ...]:
    """The block device mappings, in order. Raises Unreadable."""
    mappings = declared.props.optional("spec", "blockDeviceMappings")
    return tuple(_volume(mapping) for mapping in mappings.items()) if mappings else ()


def _volume(mapping: Reading) -> Volume:
    ebs = mapping.member("ebs")
    device, size, root = mapping.optional("deviceName"), ebs.optional("volumeSize"), mapping.optional("rootVolume")
    return Volume(
        device=device.text() if device else None,
        size=quantity(size) if size else None,
        is_root=root.boolean() if root else False,
        ebs=ebs,
        path=mapping.path,
    )


def family(declared: Declared) -> str:
    """The AMI family, declared or by the alias that selects the AMI. Raises Unreadable."""
    spec = declared.props.member("spec")
    reading = spec.optional("amiFamily")
    name = reading.text() if reading else _family_of_alias(spec)
    for known in FAMILIES:
        if name.lower() == known.lower():
            return known
    path = reading.path if reading else "spec.amiSelectorTerms"
    raise Unreadable("wrong type", path, f"{path} is '{name}', must be one of {', '.join(FAMILIES)}")


def _family_of_alias(spec: Reading) -> str:
    for term in spec.member("amiSelectorTerms").items():
        if alias := term.optional("alias"):
            return alias.text().partition("@")[0]
    raise Unreadable("missing", "spec.amiFamily", "spec.amiFamily is missing, and no alias names the AMI family")


def ephemeral_volume(declared: Declared) -> Volume | None:
    """The volume that the kubelet uses; None where no mapping names it and the AMI's own is used. Raises Unreadable."""
    policy = declared.props.optional("spec", "instanceStorePolicy")
    if policy:
        raise Unreadable(
            "wrong type",
            policy.path,
            f"{policy.path} is {policy.text()}: workspaces lie on the instance's own disks, whose size is not declared",
        )
    name, declared_volumes = family(declared), volumes(declared)
    for volume in declared_volumes:
        if volume.is_root:
            return volume
    if name == "Custom":
        return declared_volumes[-1] if declared_volumes else None
    return next((volume for volume in declared_volumes if volume.device == EPHEMERAL_DEVICES[name]), None)


def ephemeral_capacity(declared: Declared) -> Decimal:
    """Bytes of the volume that the kubelet uses. Raises Unreadable."""
    volume = ephemeral_volume(declared)
    if volume is None:
        return DEFAULT_VOLUME
    if volume.size is None:
        path = f"{volume.path}.ebs.volumeSize"
        raise Unreadable("missing", path, f"{path} is missing, and a snapshot's size is not declared")
    return volume.size


def allocatable_storage(declared: Declared) -> Decimal:
    """Bytes of ephemeral storage that the kubelet offers to pods. Raises Unreadable."""
    capacity = ephemeral_capacity(declared)
    kubelet = declared.props.optional("spec", "kubelet")
    return capacity - sum(_reserved(kubelet), Decimal(0)) - _eviction_threshold(kubelet, capacity)


def _reserved(kubelet: Reading | None) -> Iterator[Decimal]:
    for name, default in (("kubeReserved", Decimal(KUBE_RESERVED_GIB * GIB)), ("systemReserved", Decimal(0))):
        reading = kubelet.optional(name, "ephemeral-storage") if kubelet else None
        yield quantity(reading) if reading else default


def _eviction_threshold(kubelet: Reading | None, capacity: Decimal) -> Decimal:
    signals = [
        kubelet.optional(name, "nodefs.available") if kubelet else None for name in ("evictionHard", "evictionSoft")
    ]
    thresholds = [_threshold(signal, capacity) for signal in signals if signal]
    return max(thresholds, default=_percent_of(capacity, Decimal(EVICTION_PERCENT)))


def _threshold(signal: Reading, capacity: Decimal) -> Decimal:
    match = re.fullmatch(r"(\d{1,3}(?:\.\d{1,9})?)%", signal.text())
    if match is None:
        return quantity(signal)
    percent = Decimal(match[1])
    return Decimal(0) if percent == 100 else _percent_of(capacity, percent)  # 100 % turns it off


def _percent_of(capacity: Decimal, percent: Decimal) -> Decimal:
    return (capacity * percent / 100).to_integral_value(ROUND_CEILING)


def max_pods(declared: Declared) -> int:
    """The kubelet's own limit of pods on a node. Raises Unreadable."""
    reading = declared.props.member("spec", "kubelet", "maxPods")
    pods = reading.integer()
    if pods < 1:
        raise Unreadable("wrong type", reading.path, f"{reading.path} is {pods}, must be 1 or more")
    return pods
