"""Every metric that alerts and dashboards use, who exposes it, and since which version (docs/metrics.md).

Labels are those that expressions read. Every series has `region`, the AWS region, beside them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Source(StrEnum):
    """Who exposes a metric, and as of which version it was looked up."""

    CODER = "Coder"
    KARPENTER = "Karpenter"
    KUBELET = "kubelet"
    NODE_EXPORTER = "node-exporter"
    KUBE_STATE_METRICS = "kube-state-metrics"
    EXPORTER = "our exporter"


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One metric. since: the first version known to have it. is_vital: absent, something is not scraped.

    Of those that are not vital a series appears only once there is something to count.
    """

    name: str
    source: Source
    since: str
    meaning: str
    labels: tuple[str, ...] = ()
    is_vital: bool = False


def _of(source: Source, since: str, *metrics: tuple[str, str, str], vital: tuple[str, ...] = ()) -> Iterator[Metric]:
    """Metrics of one source: name, labels separated by blanks, meaning."""
    for name, labels, meaning in metrics:
        yield Metric(
            name=name,
            source=source,
            since=since,
            meaning=meaning,
            labels=tuple(labels.split()),
            is_vital=name in vital,
        )


METRICS: Final[tuple[Metric, ...]] = (
    *_of(
        Source.CODER,
        "2.25.1",
        (
            "coderd_workspace_latest_build_status",
            "status workspace_transition workspace_owner template_name template_version",
            "the latest build of each workspace",
        ),
        (
            "coderd_workspace_builds_total",
            "status workspace_transition",
            "builds that ended, by outcome; a new workspace's series begins at 1",
        ),
        (
            "coderd_proxyhealth_health_check_results",
            "proxy_id",
            "1 healthy, 0 unregistered, -1 unhealthy, -2 unreachable, -3 unknown",
        ),
        vital=("coderd_proxyhealth_health_check_results",),
    ),
    *_of(
        Source.KARPENTER,
        "1.8",
        ("karpenter_nodes_allocatable", "nodepool node_name resource_type", "what a node offers, and its pool"),
        ("karpenter_nodepools_usage", "nodepool resource_type", "what a pool's nodes have"),
        ("karpenter_nodepools_limit", "nodepool resource_type", "what they may have at most"),
        vital=("karpenter_nodepools_usage", "karpenter_nodepools_limit"),
    ),
    *_of(
        Source.KUBELET,
        "Kubernetes 1.29 (alpha)",
        ("kubelet_image_pull_duration_seconds", "node image_size_in_bytes", "how long pulls took, a histogram"),
    ),
    *_of(
        Source.NODE_EXPORTER,
        "1.5",
        ("node_filesystem_size_bytes", "node mountpoint", "size of the file system"),
        ("node_filesystem_avail_bytes", "node mountpoint", "what is free of it"),
        vital=("node_filesystem_avail_bytes",),
    ),
    *_of(
        Source.KUBE_STATE_METRICS,
        "2.0 (stable)",
        ("kube_node_status_allocatable", "node resource", "what the kubelet offers to pods"),
        ("kube_node_spec_unschedulable", "node", "1: cordoned"),
        ("kube_pod_info", "namespace pod node created_by_kind", "each pod, and its node"),
        ("kube_pod_status_phase", "namespace pod phase", "an evicted pod stays, in phase Failed"),
        ("kube_pod_container_status_restarts_total", "namespace pod container", "restarts of a container"),
        ("kube_deployment_status_replicas_available", "namespace deployment", "pods that are Ready"),
        ("kube_cronjob_spec_suspend", "namespace cronjob", "1: it starts no Jobs"),
        ("kube_cronjob_created", "namespace cronjob", "when it was made"),
        vital=("kube_node_status_allocatable", "kube_pod_info", "kube_deployment_status_replicas_available"),
    ),
    *_of(
        Source.KUBE_STATE_METRICS,
        "2.5 (experimental)",
        (
            "kube_cronjob_status_last_successful_time",
            "namespace cronjob",
            "when a Job of it last succeeded; absent until one has",
        ),
    ),
    *_of(
        Source.EXPORTER,
        "this project",
        ("workshop_window_open", "", "1 while nothing may be disturbed"),
        ("workshop_window_phase", "phase", "1 for the phase that holds now"),
        ("workshop_window_start_timestamp_seconds", "", "when the event starts"),
        ("workshop_window_closes_timestamp_seconds", "", "when cool-down ends"),
        ("workshop_look_success", "look", "1: it answered the last look"),
        ("workshop_look_timestamp_seconds", "look", "when it last answered"),
        ("workshop_check_verdict", "check", "of preflight: 0 go, 1 warning, 2 no-go, 3 inconclusive"),
        ("workshop_check_since_timestamp_seconds", "check", "since when the verdict has been so"),
        ("workshop_users_planned", "", "users of the region"),
        ("workshop_nodes_planned", "", "nodes of our pool"),
        ("workshop_storage_planned_gib", "", "what a node of our pool is to offer to pods"),
        ("workshop_node_usd_per_hour", "", "a node of our pool with its volume, at list price"),
        ("workshop_provisioner_jobs", "organization status", "jobs that are pending or running"),
        ("workshop_provisioner_oldest_pending_seconds", "organization", "how long the first in the queue has waited"),
        ("workshop_provisioners", "organization status", "provisioners that are idle or busy"),
        ("workshop_provisioners_planned", "organization", "as many as the plan has"),
        ("workshop_workspace_start_seconds", "", "from click to agent, mean of the last 15 minutes"),
        ("workshop_litellm_key_expiry_timestamp_seconds", "alias", "when the key ends"),
        ("workshop_litellm_key_created_timestamp_seconds", "alias", "when it was issued"),
        ("workshop_litellm_key_spend_usd", "alias", "what was spent with it"),
        ("workshop_litellm_key_budget_usd", "alias", "what may be; absent without a budget"),
        ("workshop_warm_nodes", "", "nodes of our pool that are Ready"),
        ("workshop_warm_nodes_planned", "", "as many as should be now; 0 outside warm time"),
        ("workshop_places_left", "", "workspaces for which planned nodes have room"),
        ("workshop_people_to_come", "", "users who have no workspace yet"),
        ("workshop_licence_ends_timestamp_seconds", "", "end of Coder's licence; absent until Coder announces it"),
        ("workshop_coder_token_expiry_timestamp_seconds", "", "end of the exporter's own token of Coder"),
        vital=("workshop_window_open",),
    ),
)

_BY_NAME: Final = {metric.name: metric for metric in METRICS}
_NAME: Final = re.compile(r"\b(?:coderd|karpenter|kubelet|node_filesystem|kube|workshop|litellm)_[a-z0-9_]+\b")
_HISTOGRAM: Final = re.compile(r"_(?:bucket|sum|count)$")


def metrics_in(expression: str) -> tuple[Metric, ...]:
    """The metrics that a PromQL expression reads. Raises KeyError for one that nobody is known to expose."""
    names = dict.fromkeys(_NAME.findall(re.sub(r'"[^"]*"', "", expression)))
    return tuple(_BY_NAME[name] if name in _BY_NAME else _BY_NAME[_HISTOGRAM.sub("", name)] for name in names)
