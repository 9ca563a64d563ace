"""Workspaces in the sandbox's clusters: a Deployment each, as Coder's templates for Kubernetes have it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from workshop.model.names import NODE_LABELS, NODE_TAINT, WORKSPACE_POD_LABELS
from workshop.model.workspace_pods import WORKSPACE_ID_LABEL
from workshop.sandbox.json_values import Json
from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.manifests.merging import Manifest
from workshop.sandbox.manifests.store import ClusterStore

DEPLOYMENTS: Final = kind_of("apps/v1", "Deployment")
PODS: Final = kind_of("v1", "Pod")
CONTAINER: Final = "dev"
"""The container in which people work."""

_MANAGER: Final = "terraform-provider-kubernetes"
_POOL_SELECTOR: Final = "node.coder.io/used-for"
"""By which templates choose the pools for workspaces; ours has the label too."""


@dataclass(frozen=True, kw_only=True)
class WorkspacePod:
    """What a template makes of a workspace. namespace: the organization's.

    agent_token: another one with each build, so that a start of what runs makes a new pod, as in Coder.
    annotations: of the pod. storage_gib: 0 where nothing is asked for.
    """

    workspace_id: str
    workspace_name: str
    owner_id: str
    owner_name: str
    namespace: str
    vcpu: int
    memory_gib: int
    storage_gib: int
    agent_token: str
    image: str = "base-ws"
    annotations: Mapping[str, str] = field(default_factory=dict[str, str])


def apply_deployment(store: ClusterStore, pod: WorkspacePod) -> None:
    """Makes its Deployment, or changes it, which makes another pod. Raises ClusterRefusal."""
    store.apply(deployment_of(pod), _MANAGER, force=True)


def deployment_name(workspace_id: str) -> str:
    """Of a workspace's Deployment."""
    return f"coder-{workspace_id}"


def workspace_of(manifest: Manifest) -> str:
    """The id of the workspace whose Deployment or pod it is; nothing for anything else."""
    labels: dict[str, str] = manifest["metadata"].get("labels") or {}
    return labels.get(WORKSPACE_ID_LABEL, "")


def deployment_of(pod: WorkspacePod) -> Manifest:
    """As Coder's templates for Kubernetes make it."""
    labels = {
        **WORKSPACE_POD_LABELS,
        "app.kubernetes.io/instance": f"coder-workspace-{pod.workspace_id}",
        "app.kubernetes.io/part-of": "coder",
        "com.coder.resource": "true",
        WORKSPACE_ID_LABEL: pod.workspace_id,
        "com.coder.workspace.name": pod.workspace_name,
        "com.coder.user.id": pod.owner_id,
        "com.coder.user.username": pod.owner_name,
    }
    amounts = {"cpu": str(pod.vcpu), "memory": f"{pod.memory_gib}Gi"}
    if pod.storage_gib:
        amounts["ephemeral-storage"] = f"{pod.storage_gib}Gi"
    toleration = {"key": NODE_TAINT["key"], "operator": "Equal", "value": NODE_TAINT["value"], "effect": "NoSchedule"}
    container: dict[str, Json] = {
        "name": CONTAINER,
        "image": pod.image,
        "env": [
            {"name": "CODER_AGENT_TOKEN", "value": pod.agent_token},
            {"name": "WORKSHOP_TERMINALS", "value": "terminals"},  # else they would be those of this machine
        ],
        "resources": {"requests": dict(amounts), "limits": dict(amounts)},
    }
    noted: dict[str, Json] = {"annotations": dict(pod.annotations)} if pod.annotations else {}
    spec: dict[str, Json] = {
        "tolerations": [toleration],
        "nodeSelector": {_POOL_SELECTOR: NODE_LABELS[_POOL_SELECTOR]},
        "containers": [container],
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": deployment_name(pod.workspace_id), "namespace": pod.namespace, "labels": labels},
        "spec": {
            "replicas": 1,
            "strategy": {"type": "Recreate"},
            "selector": {"matchLabels": {WORKSPACE_ID_LABEL: pod.workspace_id}},
            "template": {"metadata": {"labels": dict(labels), **noted}, "spec": spec},
        },
    }
