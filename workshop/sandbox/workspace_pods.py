"""Workspaces in the sandbox's clusters: a pod, and the node that Karpenter would start for it."""

from __future__ import annotations

from typing import Final

from workshop.model.names import NODE_POOL, WORKSPACE_POD_LABELS
from workshop.model.plan.storage import allocatable_gib, ephemeral_device
from workshop.sandbox.json_values import Json
from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.manifests.merging import Manifest
from workshop.sandbox.manifests.store import ClusterStore

ID_LABEL: Final = "com.coder.workspace.id"
"""By which Coder's example templates mark a workspace's pod."""

_MANAGER: Final = "karpenter"
_POOL_LABEL: Final = "karpenter.sh/nodepool"


def start_workspace(store: ClusterStore, region: str, namespace: str, workspace_id: str) -> bool:
    """Places a pod: on a node that takes workspaces, else on a new one of this project's pool. False: nowhere to go."""
    node = _free_node(store) or _new_node(store, region)
    if node is None:
        return False
    pod: Manifest = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": f"coder-{workspace_id}",
            "namespace": namespace,
            "labels": {**WORKSPACE_POD_LABELS, ID_LABEL: workspace_id},
        },
        "spec": {"nodeName": node, "containers": [{"name": "dev", "image": "base-ws"}]},
        "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]},
    }
    store.create(pod, _MANAGER)
    return True


def remove_workspace(store: ClusterStore, workspace_id: str) -> None:
    """Deletes its pod. The node stays, as it does in Karpenter until it has been empty for a while."""
    for pod in store.list(kind_of("v1", "Pod")):
        metadata: dict[str, Json] = pod["metadata"]
        if metadata.get("labels", {}).get(ID_LABEL) == workspace_id:
            store.delete(kind_of("v1", "Pod"), metadata["namespace"], metadata["name"])


def _free_node(store: ClusterStore) -> str | None:
    """A node of a pool whose taint workspaces tolerate and that is not cordoned; room is not looked at."""
    pools = {
        pool["metadata"]["name"]
        for pool in store.list(kind_of("karpenter.sh/v1", "NodePool"))
        if any(taint.get("value") == "coder-ws" for taint in pool["spec"]["template"]["spec"].get("taints", []))
    }
    for node in store.list(kind_of("v1", "Node")):
        if node["metadata"]["labels"].get(_POOL_LABEL) in pools and not node.get("spec", {}).get("unschedulable"):
            return node["metadata"]["name"]
    return None


def _new_node(store: ClusterStore, region: str) -> str | None:
    pool = store.get(kind_of("karpenter.sh/v1", "NodePool"), None, NODE_POOL)
    if pool is None:
        return None
    reference = pool["spec"]["template"]["spec"]["nodeClassRef"]["name"]
    node_class = store.get(kind_of("karpenter.k8s.aws/v1", "EC2NodeClass"), None, reference)
    if node_class is None:
        return None
    name = f"ip-10-0-9-10.{region}.compute.internal"
    node: Manifest = {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": {_POOL_LABEL: NODE_POOL, "kubernetes.io/hostname": name}},
        "status": {
            "allocatable": {
                "cpu": "15890m",
                "memory": "27381Mi",
                "ephemeral-storage": _storage(node_class),
                "pods": str(node_class["spec"].get("kubelet", {}).get("maxPods", 110)),
            },
            "conditions": [{"type": "Ready", "status": "True"}],
        },
    }
    store.create(node, _MANAGER)
    return name


def _storage(node_class: Manifest) -> str:
    """What the kubelet offers of the volume on its device, in bytes."""
    family = str(node_class["spec"]["amiSelectorTerms"][0]["alias"]).partition("@")[0]
    device = ephemeral_device({"bottlerocket": "Bottlerocket", "al2023": "AL2023"}[family])
    volume = next(
        one["ebs"]["volumeSize"] for one in node_class["spec"]["blockDeviceMappings"] if one["deviceName"] == device
    )
    return str(int(allocatable_gib(int(str(volume).removesuffix("Gi"))) * 1024**3))
