"""Everything a stack can be told, read from its Pulumi config by program, policies and commands alike."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from workshop.model import consistency
from workshop.model.forms import (
    AccountId,
    AdmissionAction,
    AmiVersion,
    AwsRegion,
    Count,
    Device,
    Digest,
    Duration,
    Fqdn,
    ImageName,
    InstanceTypeName,
    LoopbackUrl,
    Moment,
    Name,
    Percent,
    Repository,
    RoleName,
    Tag,
    Text,
    Vcpu,
    Zone,
    ZoneId,
)
from workshop.model.storage import AmiFamily


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
    context: Text | None = Field(default=None, description="context in the kubeconfig that reaches this cluster")
    uid: Text | None = Field(default=None, description="UID of the namespace kube-system: the cluster's identity")


class Selector(_Model):
    """Tags by which Karpenter finds subnets or security groups. The value defaults to the cluster's name."""

    tag: Text = Field(description="tag key, such as karpenter.sh/discovery", examples=["karpenter.sh/discovery"])
    value: Text | None = Field(default=None, description="tag value; unset: the cluster's name")


class Region(_Model):
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


class Organization(_Model):
    """One Coder organization; its provisioners run in one namespace of every region that hosts them."""

    name: Name = Field(description="the organization's name in Coder", examples=["experiment"])
    namespace: Name = Field(description="where its provisioners run", examples=["coder-ws-experiment"])
    is_default: bool = False
    minimum_provisioners: Count = Field(default=2, description="floor, whatever the table says")


class Image(_Model):
    """The Coder image that server and proxies run."""

    source: ImageName = Field(description="where it is published", examples=["ghcr.io/coder/coder-preview"])
    repository: Repository = Field(description="ECR repository it is mirrored to", examples=["coder-preview"])
    tag: Tag = Field(description="tag that is followed at the source", examples=["latest"])
    digest: Digest | None = Field(default=None, description="digest of the image index at the source")


class Shape(_Model):
    """One size of workspace that templates offer."""

    vcpu: Annotated[int, Field(ge=1, le=512)]
    memory_gib: Annotated[int, Field(ge=1, le=4096)]


class Workspaces(_Model):
    """What workspaces ask for and how they are packed onto nodes."""

    shapes: tuple[Shape, ...] = Field(
        default=(Shape(vcpu=2, memory_gib=4), Shape(vcpu=4, memory_gib=8)),
        min_length=1,
        description="sizes that templates offer; nodes are packed for the largest",
    )
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
    instance_types: tuple[InstanceTypeName, ...] = Field(
        default=("c6a.4xlarge", "m6a.4xlarge"), min_length=1, description="EC2 instance types of workspace nodes"
    )
    ami_family: AmiFamily = Field(default="Bottlerocket", description="operating system of workspace nodes")
    device: Device = Field(
        default="/dev/xvdb", description="device of the workspace volume: the one that the AMI family's kubelet uses"
    )
    previous_node_pool: Name = Field(
        default="coder-ws-all", description="the pool that ran workspaces until now; it gets no new nodes in the window"
    )

    @model_validator(mode="after")
    def _instance_types_are_distinct(self) -> Workspaces:
        consistency.check_distinct("instance_types", self.instance_types)
        return self


class DaemonSetOverhead(_Model):
    """What DaemonSets take of every node, by request."""

    cpu_millicores: Annotated[int, Field(ge=0, le=100_000)] = 500
    memory_mib: Annotated[int, Field(ge=0, le=1_000_000)] = 1024
    pods: Annotated[int, Field(ge=0, le=100)] = 6


class Workload(_Model):
    """A Deployment that Terraform and Helm own and of which a field or two are patched."""

    namespace: Name = Field(description="namespace of the Deployment", examples=["coder"])
    deployment: Name = Field(description="name of the Deployment", examples=["coder"])
    container: Name = Field(description="name of its main container", examples=["coder"])
    replicas: Count = Field(description="pods at least, whatever the table says", examples=[2])


class DnsZone(_Model):
    """The Cloudflare zone that holds the records; only names at or under the regions' domains are touched."""

    id: ZoneId | None = Field(default=None, description="the zone's id at Cloudflare")
    name: Fqdn = Field(description="the zone's name", examples=["coder.com"])
    ttl_seconds: Annotated[int, Field(ge=60, le=86400)] = 300
    stack: Text | None = Field(
        default=None, description="stack of scope dns that declares all records; unset: this one"
    )


class Window(_Model):
    """The time in which nothing may be disturbed: preparation, the event itself and cool-down.

    Limits are ours: a longer window is taken for a typo.
    """

    start: Moment = Field(
        description="start of the event, ISO 8601 with its offset from UTC, quoted", examples=["2026-10-01T09:00-07:00"]
    )
    duration: Annotated[Duration, Field(ge=timedelta(minutes=1), le=timedelta(days=7))] = Field(
        description="how long the event takes", examples=["4h"]
    )
    preparation: Annotated[Duration, Field(le=timedelta(days=14))] = timedelta(hours=24)
    cool_down: Annotated[Duration, Field(le=timedelta(days=14))] = timedelta(hours=2)

    @property
    def opens_at(self) -> datetime:
        """When preparation begins."""
        return self.start - self.preparation

    @property
    def closes_at(self) -> datetime:
        """When cool-down ends."""
        return self.start + self.duration + self.cool_down


class ReplicationDestination(_Model):
    """Where an ECR registry copies to."""

    region: AwsRegion = Field(description="region of the destination", examples=["eu-central-1"])
    registry_id: AccountId = Field(description="account of the destination", examples=["123456789012"])


class ReplicationRule(_Model):
    """One rule of an ECR registry: what is pushed under a prefix is copied to each destination."""

    destinations: tuple[ReplicationDestination, ...] = Field(min_length=1, description="where it is copied to")
    prefixes: tuple[Text, ...] = Field(default=(), description="beginnings of repository names; none: every repository")


class Endpoints(_Model):
    """Provider endpoints on loopback: the sandbox's. A real stack has none."""

    aws: LoopbackUrl = Field(description="AWS endpoint", examples=["http://127.0.0.1:47800"])
    cloudflare: LoopbackUrl = Field(description="Cloudflare endpoint", examples=["http://127.0.0.1:47800/client/v4"])


class Settings(_Model):
    """One stack's settings. What no source gives may be unset; rule settings-complete lists it."""

    users: Annotated[int, Field(ge=1, le=100_000)] = Field(description="concurrent participants", examples=[20])
    max_users: Annotated[int, Field(ge=1, le=100_000)] = Field(
        default=60, description="more users than this are taken for a typo"
    )
    scope: Scope = Field(default=Scope.ALL, description="what this stack declares: all, registry or dns")
    window: Window | None = Field(default=None, description="the time in which nothing may be disturbed")
    account: AccountId | None = Field(default=None, description="AWS account that this stack may change")
    zone: DnsZone = Field(description="the Cloudflare zone of the regions' domains")
    zones: Mapping[Fqdn, ZoneId] = Field(default={}, description="further Cloudflare zones: name -> id")
    kubeconfig: Text | None = Field(default=None, description="kubeconfig file; unset: KUBECONFIG or ~/.kube/config")
    endpoints: Endpoints | None = Field(default=None, description="provider endpoints on loopback: the sandbox's")
    regions: Annotated[tuple[Region, ...], AfterValidator(consistency.check_regions)] = Field(
        min_length=1, description="one AWS region and EKS cluster each"
    )
    organizations: Annotated[tuple[Organization, ...], AfterValidator(consistency.check_organizations)] = Field(
        min_length=1, description="Coder organizations and the namespaces of their provisioners"
    )
    server: Workload = Field(description="the Coder server's Deployment")
    proxy: Workload = Field(description="the workspace proxies' Deployment, in each proxy region")
    litellm: Workload = Field(description="LiteLLM's Deployment, in the control plane's region")
    image: Image = Field(description="the Coder image that server and proxies run")
    repositories: Annotated[tuple[Repository, ...], AfterValidator(consistency.check_repositories)] = Field(
        min_length=1, description="ECR repositories that workshops pull from"
    )
    replication_rules_of_others: tuple[ReplicationRule, ...] = Field(
        default=(), description="rules of the control plane's registry that others need; declared along with ours"
    )
    workspaces: Workspaces = Field(default=Workspaces(), description="what workspaces ask for and how nodes are packed")
    daemonset_overhead: DaemonSetOverhead = Field(
        default=DaemonSetOverhead(), description="what DaemonSets take of every node, by request"
    )
    admission: AdmissionAction = Field(default="warn", description="warn or deny; deny stops unprepared templates")
    spend_ceiling_usd: Annotated[int, Field(ge=0, le=1_000_000)] = Field(
        default=0, description="USD that one workshop may cost; 0: no ceiling"
    )
    adopt: Mapping[Text, Text] = Field(default={}, description="resource name -> id of what exists and is taken over")

    @model_validator(mode="after")
    def _names_fit_together(self) -> Settings:
        consistency.check_domains(self.zone.name, self.regions)
        consistency.check_image_repository(self.image.repository, self.repositories)
        return self

    @property
    def declares_records(self) -> bool:
        """Whether DNS records are this stack's to declare."""
        return self.scope is Scope.DNS or (self.scope is Scope.ALL and self.zone.stack is None)

    def zone_id(self, name: str) -> str | None:
        """The id of a zone at Cloudflare, None where it is not set."""
        return self.zone.id if name == self.zone.name else self.zones.get(name)
