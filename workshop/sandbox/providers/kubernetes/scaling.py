"""What KEDA and the autoscaler would make of a ScaledObject in a cluster that is a folder, where no builds wait."""

from __future__ import annotations

from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.manifests.merging import Manifest
from workshop.sandbox.manifests.store import ManifestStore
from workshop.sandbox.providers.kubernetes.kubeconfig import SandboxCluster

_AUTOSCALER = "kube-controller-manager"


def keep_floor(cluster: SandboxCluster, made: Manifest) -> None:
    """Gives a Deployment as many pods as its ScaledObject keeps at least, and takes away none."""
    if made["kind"] != "ScaledObject" or not isinstance(cluster.store, ManifestStore):
        return
    namespace, name = made["metadata"]["namespace"], made["spec"]["scaleTargetRef"]["name"]
    target = cluster.store.get(kind_of("apps/v1", "Deployment"), namespace, name)
    floor = made["spec"].get("minReplicaCount", 0)
    if target is not None and target["spec"].get("replicas", 1) < floor:
        identity = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"namespace": namespace, "name": name}}
        cluster.store.apply({**identity, "spec": {"replicas": int(floor)}}, _AUTOSCALER, force=True)
