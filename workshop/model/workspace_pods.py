"""Which pods are workspaces: by the node that they are on, since templates need not label them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from workshop.model.names import MARK, NODE_TAINT, WARM_NODES, WORKSPACE_POD_LABELS
from workshop.model.rotation import NAMESPACE

NODE_POOL_LABEL: Final = "karpenter.sh/nodepool"
"""By which Karpenter's nodes name their pool."""

WORKSPACE_ID_LABEL: Final = "com.coder.workspace.id"
"""By which some of Coder's example templates tell a workspace's pod; others have the id in its name."""


def takes_workspaces(node: Mapping[str, Any], pools: Collection[str]) -> bool:
    """Whether what lands on a node is a workspace: it is of one of these pools, or has the taint they tolerate."""
    spec: Mapping[str, Any] = node.get("spec") or {}
    return labels_of(node).get(NODE_POOL_LABEL) in pools or any(map(is_workspace_taint, spec.get("taints") or ()))


def is_workspace_taint(taint: Mapping[str, Any]) -> bool:
    """Whether only workspaces tolerate it."""
    return (taint.get("key"), taint.get("value")) == (NODE_TAINT["key"], NODE_TAINT["value"])


def is_workspace(pod: Mapping[str, Any], *, is_on_workspace_node: bool) -> bool:
    """On a node for workspaces, every pod but those of DaemonSets and this project's own; elsewhere, by its labels.

    A pod that cannot be told from a workspace is one: deleting its node would take somebody's work.
    """
    if is_of_daemon_set(pod) or _is_ours(pod):
        return False
    labels = labels_of(pod)
    return is_on_workspace_node or WORKSPACE_POD_LABELS.items() <= labels.items() or WORKSPACE_ID_LABEL in labels


def waits_for_workspace_node(pod: Mapping[str, Any]) -> bool:
    """Whether a pod that is on no node yet tolerates the workspaces' taint, or is labelled as one."""
    if pod["spec"].get("nodeName"):
        return False
    tolerations: list[Mapping[str, Any]] = pod["spec"].get("tolerations") or []
    return is_workspace(pod, is_on_workspace_node=any(map(_tolerates_workspace_taint, tolerations)))


def _tolerates_workspace_taint(toleration: Mapping[str, Any]) -> bool:
    return (
        toleration.get("key") in (None, "", NODE_TAINT["key"])
        and toleration.get("effect") in (None, "", NODE_TAINT["effect"])
        and (toleration.get("operator") == "Exists" or toleration.get("value") == NODE_TAINT["value"])
    )


def is_of_daemon_set(pod: Mapping[str, Any]) -> bool:
    """Whether a DaemonSet controls it, so that each node has one."""
    return _controller(pod, "apps/v1", "DaemonSet") is not None


def is_unfinished(pod: Mapping[str, Any]) -> bool:
    """Whether it still holds its node's resources."""
    status: Mapping[str, Any] = pod.get("status") or {}
    return status.get("phase") not in ("Succeeded", "Failed")


def has_workspace_id(pod: Mapping[str, Any], workspace_id: str) -> bool:
    """Whether it is this workspace's, by its label or by its name."""
    return labels_of(pod).get(WORKSPACE_ID_LABEL) == workspace_id or workspace_id in pod["metadata"]["name"]


def labels_of(manifest: Mapping[str, Any]) -> Mapping[str, str]:
    """An object's labels, if it has any."""
    return manifest["metadata"].get("labels") or {}


def _is_ours(pod: Mapping[str, Any]) -> bool:
    """Known by owner, namespace and name: a label alone can be anybody's."""
    return _is_of(pod, NAMESPACE, ("batch/v1", "Job"), MARK) or is_warm_pod(pod)


def is_warm_pod(pod: Mapping[str, Any]) -> bool:
    """Whether it is there to start a node before people come."""
    return _is_of(pod, WARM_NODES, ("apps/v1", "ReplicaSet"), WARM_NODES)


def _is_of(pod: Mapping[str, Any], namespace: str, kind: tuple[str, str], name: str) -> bool:
    """Whether what controls a pod in this namespace has this kind and a name that begins so, as the pod's does then."""
    owner, metadata = _controller(pod, *kind), pod["metadata"]
    return (
        owner is not None
        and metadata.get("namespace") == namespace
        and owner.startswith(f"{name}-")
        and metadata["name"].startswith(f"{owner}-")
    )


def _controller(pod: Mapping[str, Any], api_version: str, kind: str) -> str | None:
    """The name of what controls a pod, where it is of this kind."""
    for owner in pod["metadata"].get("ownerReferences") or ():
        if owner.get("controller") and (owner.get("apiVersion"), owner.get("kind")) == (api_version, kind):
            return owner.get("name", "")
    return None
