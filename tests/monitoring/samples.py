"""What a monitored platform exposes at one moment, as text by series; parts that every simulated workshop shares."""

from __future__ import annotations

from dataclasses import dataclass

from workshop.model.monitoring.series import GIB, MOUNTS
from workshop.model.names import IMAGE_MIRROR, IMAGES_NAMESPACE
from workshop.model.plan.plan import Plan
from workshop.model.settings.regions import Role
from workshop.model.settings.stack import Settings

Samples = dict[str, float]
"""By series, such as `up{region="us-east-2"}`."""


def series(name: str, **labels: object) -> str:
    """As Prometheus writes it."""
    inside = ", ".join(f'{label}="{value}"' for label, value in labels.items())
    return f"{name}{{{inside}}}" if inside else name


MIRROR = {"namespace": IMAGES_NAMESPACE, "cronjob": IMAGE_MIRROR}


@dataclass(frozen=True)
class Node:
    """A node of a pool. offered_gib: what its kubelet offers to pods."""

    name: str
    region: str
    pool: str
    volume_gib: float
    offered_gib: float

    def samples(self, settings: Settings, used_gib: float, pulls: int, pull_seconds: float) -> Samples:
        """What its exporters say. used_gib: of the volume; pulls of large images, and how long one took."""
        at = {"region": self.region, "node": self.name}
        mount = {**at, "mountpoint": MOUNTS[settings.workspaces.ami_family]}
        large = {**at, "image_size_in_bytes": "1GB-5GB"}
        pooled = {"region": self.region, "node_name": self.name, "nodepool": self.pool, "resource_type": "cpu"}
        return {
            series("karpenter_nodes_allocatable", **pooled): 15.89,
            series("kube_node_status_allocatable", **at, resource="ephemeral_storage"): self.offered_gib * GIB,
            series("kube_node_spec_unschedulable", **at): 0,
            series("node_filesystem_size_bytes", **mount): self.volume_gib * GIB,
            series("node_filesystem_avail_bytes", **mount): (self.volume_gib - used_gib) * GIB,
            series("kubelet_image_pull_duration_seconds_sum", **large): pulls * pull_seconds,
            series("kubelet_image_pull_duration_seconds_count", **large): pulls,
        }


def pod(name: str, node: Node, namespace: str, phase: str = "Running", restarts: int = 0) -> Samples:
    """A workspace's, as kube-state-metrics has it."""
    of = {"region": node.region, "namespace": namespace, "pod": name}
    return {
        series("kube_pod_info", **of, node=node.name, created_by_kind="ReplicaSet"): 1,
        series("kube_pod_status_phase", **of, phase="Running"): float(phase == "Running"),
        series("kube_pod_status_phase", **of, phase="Failed"): float(phase == "Failed"),
        series("kube_pod_container_status_restarts_total", **of, container="dev"): restarts,
    }


def build(user: str, outcome: str, ended: int) -> Samples:
    """One user's workspace and builds, as Coder has them; ended: builds that ended so."""
    template = {"template_name": "docker", "template_version": "v1"}
    latest = {"status": outcome, "workspace_transition": "start", "workspace_owner": user, **template}
    counted = "success" if outcome == "succeeded" else "failed"
    return {
        series("coderd_workspace_latest_build_status", **latest): 1,
        series("coderd_workspace_builds_total", status=counted, workspace_transition="start", owner=user): ended,
    }


def platform(settings: Settings, plan: Plan, start_at: float, now: float) -> Samples:
    """All that stays as it should be while a workshop runs. start_at and now: seconds since the epoch."""
    window, day = settings.window, 86_400
    assert window is not None
    closes = start_at + (window.duration + window.cool_down).total_seconds()
    opened = start_at - window.preparation.total_seconds() <= now < closes
    key = {"alias": "workshop"}
    samples: Samples = {
        "workshop_window_open": float(opened),
        series("workshop_window_phase", phase="running" if now >= start_at else "preparation"): 1,
        "workshop_window_start_timestamp_seconds": start_at,
        "workshop_window_closes_timestamp_seconds": closes,
        "workshop_coder_token_expiry_timestamp_seconds": start_at + 30 * day,
        series("workshop_litellm_key_expiry_timestamp_seconds", **key): closes + day,
        series("workshop_litellm_key_created_timestamp_seconds", **key): start_at - day,
        series("workshop_litellm_key_spend_usd", **key): 12,
        series("workshop_litellm_key_budget_usd", **key): 100,
    }
    home = settings.litellm.namespace
    for region in settings.regions:
        at, nodes = {"region": region.name}, plan.regions[region.name].nodes
        pool = {**at, "nodepool": "workshop-workspaces", "resource_type": "cpu"}
        samples |= {
            series("karpenter_nodepools_limit", **pool): nodes.limit_vcpu,
            series("karpenter_nodepools_usage", **pool): nodes.nodes * 16,
            series("workshop_users_planned", **at): nodes.users,
            series("workshop_nodes_planned", **at): nodes.nodes,
            series("workshop_storage_planned_gib", **at): float(nodes.allocatable_storage_gib),
            series("workshop_node_usd_per_hour", **at): float(nodes.usd_per_hour) / max(1, nodes.nodes),
            series("workshop_warm_nodes", **at): nodes.nodes,
            series("workshop_warm_nodes_planned", **at): nodes.nodes,
        }
        for organization in settings.organizations:
            cron = {"namespace": organization.namespace, "cronjob": settings.rotation.cron_job}
            samples[series("kube_cronjob_spec_suspend", **at, **cron)] = 1
            of = {"organization": organization.name, **at}
            planned = plan.regions[region.name].provisioners[organization.name]
            samples[series("workshop_provisioners_planned", **of)] = planned
        for check in ("subdomain-apps", "hosts-resolve", "running-digests", "image-digests", "other-pools"):
            samples[series("workshop_check_verdict", check=check, **at)] = 0
            samples[series("workshop_check_since_timestamp_seconds", check=check, **at)] = start_at - day
        if region.role is Role.PROXY:
            samples[series("coderd_proxyhealth_health_check_results", proxy_id=region.name)] = 1
    samples[series("kube_cronjob_created", region="us-east-2", **MIRROR)] = start_at - 90 * day
    samples[series("kube_cronjob_status_last_successful_time", region="us-east-2", **MIRROR)] = now - 3600
    pod_of_server = {
        "region": "us-east-2",
        "namespace": settings.server.namespace,
        "pod": "coder-0",
        "node": "server-0",
    }
    samples[series("kube_pod_info", **pod_of_server, created_by_kind="ReplicaSet")] = 1
    for check in ("litellm-key", "litellm-ready", "no-backlog"):
        samples[series("workshop_check_verdict", check=check)] = 0
        samples[series("workshop_check_since_timestamp_seconds", check=check)] = start_at - day
    deployment = {"region": "us-east-2", "namespace": home, "deployment": settings.litellm.deployment}
    samples[series("kube_deployment_status_replicas_available", **deployment)] = plan.litellm
    for upstream in ("coder", "litellm", "us-east-2", "us-west-2", "eu-west-2"):
        samples[series("workshop_look_success", look=upstream)] = 1
        samples[series("workshop_look_timestamp_seconds", look=upstream)] = now
    return samples
