"""Everything a stack can be told, read from its Pulumi config by program, policies and commands alike."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

PROJECT = "workshop"
"""The Pulumi project's name, and so the namespace of every key: `workshop:users`."""


def _fqdn(value: str) -> str:
    """A fully qualified domain name in lower case, without a trailing dot."""
    label = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
    if len(value) > 253 or not re.fullmatch(rf"({label}\.)+{label}", value):
        raise ValueError("must be a domain name in lower case, such as ai.coder.com")
    return value


def _duration(value: object) -> object:
    """Reads 90m, 4h or 1h30m."""
    match = re.fullmatch(r"(?:(\d{1,4})h)?(?:(\d{1,4})m)?", value) if isinstance(value, str) and value else None
    if match is None:
        raise ValueError("must be hours and minutes, such as 90m, 4h or 1h30m")
    hours, minutes = match.groups(default="0")
    return timedelta(hours=int(hours), minutes=int(minutes))


Fqdn = Annotated[str, AfterValidator(_fqdn)]
Duration = Annotated[timedelta, BeforeValidator(_duration)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")]
"""A Kubernetes name (RFC 1123 label)."""
AccountId = Annotated[str, Field(pattern=r"^\d{12}$")]
AwsRegion = Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")]
Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
"""The digest of an image index (not of one platform's manifest)."""
Percent = Annotated[int, Field(ge=0, le=100)]
AmiFamily = Literal["Bottlerocket", "AL2023"]
LoopbackUrl = Annotated[str, Field(pattern=r"^http://127\.0\.0\.1:\d{1,5}(/.*)?$")]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)


class Role(StrEnum):
    """What a region's cluster runs."""

    CONTROL_PLANE = "control-plane"
    PROXY = "proxy"


class Scope(StrEnum):
    """Which part of the plan a stack declares (design.md, "The platform belongs to others")."""

    ALL = "all"
    REGISTRY = "registry"
    DNS = "dns"


class Cluster(_Model):
    """One EKS cluster and how it is recognised before anything is changed."""

    name: Name | None = Field(default=None, description="EKS cluster name; also the value of Karpenter's selector tags")
    context: str | None = Field(default=None, description="context in the kubeconfig that reaches this cluster")
    uid: str | None = Field(default=None, description="UID of the namespace kube-system: the cluster's identity")


class Selector(_Model):
    """Tags by which Karpenter finds subnets or security groups. The value defaults to the cluster's name."""

    tag: str = Field(min_length=1, description="tag key, such as karpenter.sh/discovery")
    value: str | None = Field(default=None, description="tag value; unset: the cluster's name")


class Region(_Model):
    """One AWS region with one EKS cluster."""

    name: AwsRegion
    role: Role
    cluster: Cluster = Cluster()
    domain: Fqdn = Field(description="host users open; its wildcard serves workspace apps")
    load_balancer_host: Fqdn | None = Field(default=None, description="DNS name of the cluster's network load balancer")
    share: Percent = Field(description="percent of the users whose workspaces run here; all regions add up to 100")
    hosts_provisioners: bool = True
    vcpu_quota: Annotated[int, Field(gt=0)] | None = Field(default=None, description="EC2 quota L-1216C47A, vCPU")
    vcpu_in_use: Annotated[int, Field(ge=0)] | None = Field(
        default=None, description="vCPU that count against the quota now, our own node pool's included"
    )
    vcpu_planned_elsewhere: Annotated[int, Field(ge=0)] = Field(
        default=0, description="vCPU by which other node pools in this region are going to grow"
    )
    subnet_selector: Selector
    security_group_selector: Selector
    node_role: str | None = Field(default=None, pattern=r"^[\w+=,.@-]{1,64}$", description="IAM role name of the nodes")
    ami_version: str | None = Field(
        default=None, pattern=r"^v?\d[\w.-]*$", description="pinned AMI version, never latest"
    )
    zones: tuple[Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-\d[a-z]$")], ...] = Field(
        default=(), description="availability zones in which workspace nodes may start; unset is missing"
    )


class Organization(_Model):
    """One Coder organization; its provisioners run in one namespace of every region that hosts them."""

    name: Name
    namespace: Name
    is_default: bool = False
    minimum_provisioners: Annotated[int, Field(ge=1)] = Field(default=2, description="floor, whatever the table says")


class Image(_Model):
    """The Coder image that server and proxies run."""

    source: str = Field(pattern=r"^[a-z0-9.-]+(:\d+)?/[a-z0-9._/-]+$", description="where it is published")
    repository: str = Field(pattern=r"^[a-z0-9._/-]+$", description="ECR repository it is mirrored to")
    tag: str = Field(pattern=r"^\w[\w.-]{0,127}$")
    digest: Digest | None = Field(default=None, description="digest of the image index at the source")


class Shape(_Model):
    """One size of workspace that templates offer."""

    vcpu: Annotated[int, Field(ge=1)]
    memory_gib: Annotated[int, Field(ge=1)]


class Workspaces(_Model):
    """What workspaces ask for and how they are packed onto nodes."""

    shapes: tuple[Shape, ...] = Field(default=(Shape(vcpu=2, memory_gib=4), Shape(vcpu=4, memory_gib=8)), min_length=1)
    storage_gib: Annotated[int, Field(ge=1, le=16384)] = Field(
        default=20, description="GiB of node-local storage that one workspace may use: its request and limit"
    )
    images_and_logs_gib: Annotated[int, Field(ge=1, le=16384)] = Field(
        default=20, description="GiB that images and logs take on a node (assumed)"
    )
    headroom_percent: Annotated[int, Field(ge=60, le=95)] = Field(
        default=60, description="more than this share of a node's allocatable storage stays free at peak"
    )
    max_users_per_node: Annotated[int, Field(ge=1, le=100)] = Field(
        default=4, description="losing one node must not take the workshop"
    )
    instance_types: tuple[str, ...] = Field(default=("c6a.4xlarge", "m6a.4xlarge"), min_length=1)
    ami_family: AmiFamily = "Bottlerocket"
    previous_node_pool: Name = Field(
        default="coder-ws-all", description="the pool that ran workspaces until now; it gets no new nodes in the window"
    )


class DaemonSetOverhead(_Model):
    """What DaemonSets take of every node, by request."""

    cpu_millicores: Annotated[int, Field(ge=0)] = 500
    memory_mib: Annotated[int, Field(ge=0)] = 1024
    pods: Annotated[int, Field(ge=0)] = 6


class Workload(_Model):
    """A Deployment that Terraform and Helm own and of which a field or two are patched."""

    namespace: Name
    deployment: Name
    container: Name
    replicas: Annotated[int, Field(ge=1)] = Field(description="pods at least, whatever the table says")


class DnsZone(_Model):
    """The Cloudflare zone that holds the records; only names at or under the regions' domains are touched."""

    id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")] | None = None
    name: Fqdn
    ttl_seconds: Annotated[int, Field(ge=60, le=86400)] = 300


class Window(_Model):
    """The time in which nothing may be disturbed: preparation, the event itself and cool-down."""

    start: AwareDatetime = Field(description="start of the event, ISO 8601 with its offset from UTC, quoted")
    duration: Duration
    preparation: Duration = timedelta(hours=24)
    cool_down: Duration = timedelta(hours=2)

    @property
    def opens_at(self) -> datetime:
        """When preparation begins."""
        return self.start - self.preparation

    @property
    def closes_at(self) -> datetime:
        """When cool-down ends."""
        return self.start + self.duration + self.cool_down


class Endpoints(_Model):
    """Provider endpoints on loopback: the sandbox's. A real stack has none."""

    aws: LoopbackUrl
    cloudflare: LoopbackUrl


class Settings(_Model):
    """One stack's settings. What no source gives may be unset; `rules.settings_complete` lists it."""

    users: Annotated[int, Field(ge=1)] = Field(description="concurrent participants")
    max_users: Annotated[int, Field(ge=1)] = Field(default=60, description="more users than this are taken for a typo")
    scope: Scope = Scope.ALL
    window: Window | None = None
    account: AccountId | None = None
    zone: DnsZone
    kubeconfig: str | None = Field(default=None, description="kubeconfig file; unset: KUBECONFIG or ~/.kube/config")
    endpoints: Endpoints | None = None
    regions: tuple[Region, ...] = Field(min_length=1)
    organizations: tuple[Organization, ...] = Field(min_length=1)
    server: Workload
    proxy: Workload
    litellm: Workload
    image: Image
    repositories: tuple[str, ...] = Field(min_length=1, description="ECR repositories that workshops pull from")
    workspaces: Workspaces = Workspaces()
    daemonset_overhead: DaemonSetOverhead = DaemonSetOverhead()
    spend_ceiling_usd: Annotated[int, Field(gt=0)] | None = Field(default=None, description="USD for one workshop")
    adopt: Mapping[str, str] = Field(default={}, description="resource name -> id of what exists and is taken over")
