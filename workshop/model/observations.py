"""What was looked up in a real or sandbox system, or why it was not. Filled by workshop.observe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeAlias, TypeVar

from workshop.model.preflight.record import Record
from workshop.model.settings.registry import ReplicationRule

T = TypeVar("T", covariant=True)


@dataclass(frozen=True, kw_only=True)
class Found(Generic[T]):
    """A value as a system gave it. source: what was asked; observed_at: when, UTC."""

    value: T
    source: str
    observed_at: datetime


@dataclass(frozen=True, kw_only=True)
class Absent:
    """The system answered: not found. known: the names that do exist in that place."""

    source: str
    observed_at: datetime
    known: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Assumed:
    """Not looked up, and so never reported as passed. reason: not asked for, or why there was no answer."""

    source: str
    reason: str

    @property
    def failure(self) -> str:
        """As a finding's problem."""
        return f"lookup failed: {self.source}: {self.reason}"


Observation: TypeAlias = Found[T] | Absent | Assumed


@dataclass(frozen=True, kw_only=True)
class PatchTarget:
    """A Deployment of which this project is going to own a field. replicas and images are what it runs now.

    grace_seconds: how long one of its pods may go on when it is to end; Kubernetes' default is 30. strategy, max_surge,
    max_unavailable: how it replaces pods, a number or a percentage; the defaults are Kubernetes' (apps/v1).
    """

    namespace: str
    name: str
    containers: tuple[str, ...]
    images: Mapping[str, str]
    replicas: int
    grace_seconds: int = 30
    strategy: str = "RollingUpdate"
    max_surge: str = "25%"
    max_unavailable: str = "25%"


@dataclass(frozen=True, kw_only=True)
class Pinned:
    """What the history says of the pinned image. may_change_schema: the risk was taken; is_rollback: it goes back."""

    may_change_schema: bool
    is_rollback: bool


@dataclass(frozen=True, kw_only=True)
class ExistingObject:
    """An object under a name that this project would own. is_ours: it carries this project's mark."""

    is_ours: bool
    spec: Mapping[str, Any]
    owner: str
    annotations: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, kw_only=True)
class ExistingRecord:
    """A DNS record at or under one of the domains that are ours. zone: name of the zone that holds it."""

    zone: str
    id: str
    name: str
    type: str
    content: str
    ttl_seconds: int
    is_proxied: bool
    comment: str


@dataclass(frozen=True, kw_only=True)
class RegionObservations:
    """What one region's cluster and registry answered.

    cluster_uid: UID of kube-system. image_digest: the platform's image in this region's registry, by the pinned digest,
    else what its tag leads to. workspace_images: by repository, the same of those that workspaces run.
    deployments: by "namespace/name", every Deployment that will be patched.
    previous_node_pool, node_pool, node_class: as they exist. previous_nodes: names of nodes of the old pool.
    running_workspaces: workspace pods by the node pool they run on.
    repositories: ECR repositories that exist already, with whether they carry our mark.
    node_pool_vcpu: vCPU that our node pool's nodes have now (the pool's status.resources.cpu).
    load_balancers: hosts of the load balancers that Services in Coder's namespace have.
    replication_rules: what this region's registry copies elsewhere; asked of the control plane's region only.
    prometheus_operator: whether the cluster knows its PrometheusRules; asked with monitoring.
    scaled_object_fields: of their spec, that KEDA's definition knows, as "fallback.behavior"; asked with autoscaling.
    cron_jobs: by "namespace/name", the Pod spec in the template of what rotates LiteLLM's key; asked where a window is
    set.
    """

    cluster_uid: Observation[str]
    image_digest: Observation[str]
    deployments: Mapping[str, Observation[PatchTarget]]
    previous_node_pool: Observation[ExistingObject]
    previous_nodes: Observation[tuple[str, ...]]
    node_pool: Observation[ExistingObject]
    node_class: Observation[ExistingObject]
    running_workspaces: Observation[Mapping[str, int]]
    repositories: Observation[Mapping[str, bool]]
    node_pool_vcpu: Observation[int] = Assumed(source="node pool status", reason="not asked for")
    replication_rules: Observation[tuple[ReplicationRule, ...]] = Assumed(source="ECR registry", reason="not asked for")
    load_balancers: Observation[tuple[str, ...]] = Assumed(source="Services", reason="not asked for")
    prometheus_operator: Observation[bool] = Assumed(source="the Prometheus operator", reason="not asked for")
    scaled_object_fields: Observation[frozenset[str]] = Assumed(source="KEDA", reason="not asked for")
    workspace_images: Mapping[str, Observation[str]] = field(default_factory=dict[str, Observation[str]])
    cron_jobs: Mapping[str, Observation[Mapping[str, Any]]] = field(
        default_factory=dict[str, Observation[Mapping[str, Any]]]
    )


@dataclass(frozen=True, kw_only=True)
class Observations:
    """Everything that was looked up before anything is declared. regions: by region name.

    zone_ids: by name of the zone. records: at or under the domains that are ours, in all zones. preflight: the last
    record, None where it is not wanted: no setting asks for it, or this is a preview, which preflight itself makes.
    pinned: how the pinned image came to be. snapshot: when the newest one of Coder's database was made, None where
    workshop:database_instance names none.
    """

    account: Observation[str]
    zone_ids: Mapping[str, Observation[str]]
    records: Observation[tuple[ExistingRecord, ...]]
    regions: Mapping[str, RegionObservations]
    preflight: Observation[Record] | None = None
    pinned: Observation[Pinned] = Assumed(source="the history of images", reason="not asked for")
    snapshot: Observation[datetime] | None = None
