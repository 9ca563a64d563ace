"""The AWS regions, one EKS cluster each, and how a cluster is recognised."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field, model_validator

from workshop.model import consistency
from workshop.model.forms import AmiVersion, AwsRegion, Fqdn, Name, OidcIssuer, Percent, RoleName, Text, Vcpu, Zone
from workshop.model.settings_section import Section


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

    @model_validator(mode="after")
    def _zones_are_of_this_region(self) -> Region:
        consistency.check_zones(self.name, self.zones)
        return self
