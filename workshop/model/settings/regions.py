"""The AWS regions, one EKS cluster each, and how a cluster is recognised."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from pydantic import Field, model_validator

from workshop.model.instances import ZONES
from workshop.model.settings.errors import WrongValue, raise_wrong, repeated
from workshop.model.settings.section import Section
from workshop.model.settings.types import (
    AmiVersion,
    AwsRegion,
    Fqdn,
    Name,
    OidcIssuer,
    Percent,
    RoleName,
    Text,
    Vcpu,
    Zone,
)


class Role(StrEnum):
    """What a region's cluster runs."""

    CONTROL_PLANE = "control-plane"
    PROXY = "proxy"


class Cluster(Section):
    """One EKS cluster and how it is recognised before anything is changed."""

    name: Name | None = Field(default=None, description="EKS cluster name; also the value of Karpenter's selector tags")
    context: Text | None = Field(default=None, description="context in the kubeconfig that reaches this cluster")
    uid: Text | None = Field(default=None, description="UID of the namespace kube-system: the cluster's identity")
    oidc_issuer: OidcIssuer | None = Field(
        default=None, description="the cluster's OIDC issuer without https://, which IAM roles trust"
    )


class Selector(Section):
    """Tags by which Karpenter finds subnets or security groups. The value defaults to the cluster's name."""

    tag: Text = Field(description="tag key, such as karpenter.sh/discovery", examples=["karpenter.sh/discovery"])
    value: Text | None = Field(default=None, description="tag value; unset: the cluster's name")


class Region(Section):
    """One AWS region with one EKS cluster."""

    name: AwsRegion = Field(description="AWS region", examples=["us-east-2"])
    role: Role = Field(description="control-plane or proxy", examples=["proxy"])
    cluster: Cluster = Cluster()
    domain: Fqdn = Field(
        description="host users open; its wildcard serves workspace apps", examples=["oregon-proxy.ai.coder.com"]
    )
    load_balancer_host: Fqdn | None = Field(default=None, description="DNS name of the cluster's network load balancer")
    share: Percent = Field(
        description="percent of the users whose workspaces run here; all regions add up to 100", examples=[20]
    )
    hosts_provisioners: bool = True
    vcpu_quota: Vcpu | None = Field(default=None, description="EC2 quota L-1216C47A, vCPU")
    vcpu_in_use: Vcpu | None = Field(
        default=None, description="vCPU that count against the quota now, our own node pool's included"
    )
    vcpu_planned_elsewhere: Vcpu = Field(
        default=0, description="vCPU by which other node pools in this region are going to grow"
    )
    subnet_selector: Selector
    security_group_selector: Selector
    node_role: RoleName | None = Field(default=None, description="IAM role name of the nodes, not its ARN")
    ami_version: AmiVersion | None = Field(default=None, description="pinned AMI version, never latest")
    zones: tuple[Zone, ...] = Field(
        default=(), description="availability zones in which workspace nodes may start; unset is missing"
    )
    accepts_one_zone: bool = Field(
        default=False, description="that all nodes are in one availability zone is accepted, and no advice any more"
    )

    @model_validator(mode="after")
    def _zones_are_of_this_region(self) -> Region:
        check_zones(self.name, self.zones)
        return self


def check_regions(regions: tuple[Region, ...]) -> tuple[Region, ...]:
    """Shares add up to 100, one region is the control plane, and nothing that must be a region's own is shared."""
    wrong = [*_shares(regions), *_roles(regions)]
    for name, values in (
        ("name", [region.name for region in regions]),
        ("domain", [region.domain for region in regions]),
        ("load_balancer_host", [region.load_balancer_host for region in regions]),
    ):
        wrong += repeated(values, lambda index, name=name: (index, name))
    for name, values in (
        ("context", [region.cluster.context for region in regions]),
        ("uid", [region.cluster.uid for region in regions]),
    ):
        wrong += repeated(values, lambda index, name=name: (index, "cluster", name))
    raise_wrong(wrong)
    return regions


def check_zones(region: str, zones: Sequence[str]) -> None:
    """Availability zones are those of the region, as far as these are known, and each is named once."""
    known = sorted(ZONES.get(region, ()))
    meant = {zone[:-1] for zone in zones} if not known else set[str]()
    if len(meant) == 1 and meant <= ZONES.keys():
        (name,) = meant
        needed = f"must be the region of its zones, {name}, or have zones of its own"
        raise_wrong([WrongValue(path=("name",), found=region, needed=needed, fix=name)])
    needed = f"must be a zone of {region}" + (f": {', '.join(known)}" if known else "")
    raise_wrong(
        [
            WrongValue(path=("zones", index), found=zone, needed=needed, fix=_zone_like(zone, region, known))
            for index, zone in enumerate(zones)
            if zone[:-1] != region or (known and zone not in known)
        ]
        + repeated(zones, lambda index: ("zones", index))
    )


def _zone_like(zone: str, region: str, known: Sequence[str]) -> str:
    """The region's zone of the same letter, or its first one where it has none of that letter."""
    same = f"{region}{zone[-1]}"
    return same if not known or same in known else known[0]


def _shares(regions: tuple[Region, ...]) -> list[WrongValue]:
    total = sum(region.share for region in regions)
    if total == 100:
        return []
    fixable = (index for index, region in enumerate(regions) if region.share + 100 >= total)
    index = max(fixable, default=len(regions) - 1)
    share = regions[index].share
    return [
        WrongValue(
            path=(index, "share"),
            found=share,
            needed=f"shares add up to {total}, must be 100",
            fix=max(0, share + 100 - total),
        )
    ]


def _roles(regions: tuple[Region, ...]) -> list[WrongValue]:
    control_planes = [index for index, region in enumerate(regions) if region.role == "control-plane"]
    if not control_planes:
        needed = "one region must be the control plane"
        return [WrongValue(path=(0, "role"), found="proxy", needed=needed, fix="control-plane")]
    needed = f"only one region is the control plane, and {regions[control_planes[0]].name} is"
    return [
        WrongValue(path=(index, "role"), found="control-plane", needed=needed, fix="proxy")
        for index in control_planes[1:]
    ]
