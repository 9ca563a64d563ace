"""An EC2NodeClass as Karpenter and the kubelet read it.

Source: aws/karpenter-provider-aws v1.14.1, pkg/providers/amifamily and pkg/providers/instancetype/types.go.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from policies.framework.policy import Declared
from policies.framework.quantities import GIB, quantity
from policies.framework.reading import Reading, Unreadable, wrong
from workshop.model.plan.storage import EPHEMERAL_DEVICES

CUSTOM = "Custom"
FAMILIES = (*EPHEMERAL_DEVICES, CUSTOM)
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

    @property
    def place(self) -> str:
        """The device, or where the mapping stands if it has none."""
        return self.device or self.path

    @property
    def bytes(self) -> Decimal:
        """Its size. Raises Unreadable where only a snapshot has it."""
        if self.size is None:
            path = f"{self.path}.ebs.volumeSize"
            problem = f"{path} is missing, and a snapshot's size is not declared"
            self.ebs.give_up(Unreadable("missing", path, problem))
        return self.size or Decimal(0)


def volumes(declared: Declared) -> tuple[Volume, ...]:
    """The block device mappings, in order. Raises Unreadable."""
    mappings = declared.props.optional("spec", "blockDeviceMappings")
    return tuple(_volume(mapping) for mapping in mappings.items_or_none()) if mappings else ()


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
    reading = declared.props.member("spec").optional("amiFamily")
    if reading is not None:
        return _known(reading.text(), reading)
    by_alias = _family_of_alias(declared)
    if by_alias is None:
        problem = "spec.amiFamily is missing, and no alias names the AMI family"
        declared.props.give_up(Unreadable("missing", "spec.amiFamily", problem))
    return by_alias or FAMILIES[0]


def kubelet_family(declared: Declared) -> str:
    """The family whose kubelet runs: that of the alias where the family is Custom. Raises Unreadable."""
    name = family(declared)
    if name != CUSTOM:
        return name
    by_alias = _family_of_alias(declared)
    if by_alias is None:
        declared.props.give_up(
            Unreadable(
                "missing",
                "spec.amiSelectorTerms",
                "spec.amiFamily is Custom and no alias names the AMI's family: what its kubelet uses cannot be judged",
                "set spec.amiFamily to the AMI's family, or select it by alias",
            )
        )
    return by_alias or FAMILIES[0]


def _family_of_alias(declared: Declared) -> str | None:
    for term in declared.props.member("spec", "amiSelectorTerms").items():
        if alias := term.optional("alias"):
            terms = declared.props.member("spec", "amiSelectorTerms")
            return _known(alias.text().partition("@")[0], terms)
    return None


def _known(name: str, at: Reading) -> str:
    for known in FAMILIES:
        if name.lower() == known.lower():
            return known
    at.give_up(wrong(at.path, f"'{name}'", f"one of {', '.join(FAMILIES)}"))
    return FAMILIES[0]


def ephemeral_device(declared: Declared) -> str:
    """The device that the kubelet of the AMI uses, whatever rootVolume says. Raises Unreadable."""
    policy = declared.props.optional("spec", "instanceStorePolicy")
    if policy:
        problem = (
            f"{policy.path} is {policy.text()}: workspaces lie on the instance's own disks, whose size is not declared"
        )
        policy.give_up(Unreadable("wrong type", policy.path, problem, f"remove {policy.path}"))
    return EPHEMERAL_DEVICES[kubelet_family(declared)]


def ephemeral_volume(declared: Declared) -> Volume | None:
    """The volume that the kubelet uses; None where no mapping names it and the AMI's own is used. Raises Unreadable."""
    device = ephemeral_device(declared)
    return next((volume for volume in volumes(declared) if volume.device == device), None)


def counted_volume(declared: Declared) -> Volume | None:
    """The volume whose size Karpenter takes for a node's ephemeral storage; None: its default. Raises Unreadable."""
    declared_volumes = volumes(declared)
    for volume in declared_volumes:
        if volume.is_root:
            return volume
    if family(declared) == CUSTOM:
        return declared_volumes[-1] if declared_volumes else None
    return ephemeral_volume(declared)


def ephemeral_capacity(declared: Declared) -> Decimal:
    """Bytes of the volume that the kubelet uses. Raises Unreadable."""
    volume = ephemeral_volume(declared)
    return DEFAULT_VOLUME if volume is None else volume.bytes


def max_pods(declared: Declared) -> int:
    """The kubelet's own limit of pods on a node. Raises Unreadable."""
    reading = declared.props.member("spec", "kubelet", "maxPods")
    pods = reading.integer()
    if pods < 1:
        reading.refuse("1 or more")
    return pods
