"""Which pods count as workspaces, whatever labels they carry."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.observe.kubernetes_api import kubeconfig, serving
from workshop.model.names import MANAGED_BY_LABEL, MARK, NODE_TAINT, WARM_NODES
from workshop.observe.cluster import Cluster

OURS, OLD = "workshop-workspaces", "coder-ws-all"
WARM = f"{WARM_NODES}-5d"
JOB = f"{MARK}-copies-1a2b"


def pod(name: str, labels: Mapping[str, str] | None = None, **content: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """In its namespace; `node`, `phase` and `owner` where they matter."""
    owner = content.get("owner")
    metadata = {
        "name": name,
        "namespace": content.get("namespace", "coder-ws"),
        **({"labels": labels} if labels else {}),
    }
    return {
        "metadata": {**metadata, **({"ownerReferences": [owner]} if owner else {})},
        "spec": {"containers": [{"name": "dev"}], "nodeName": content.get("node", "ours")},
        "status": {"phase": content.get("phase", "Running")},
    }


def owner(kind: str, name: str, api_version: str, *, controller: bool = True) -> dict[str, Any]:
    return {"apiVersion": api_version, "kind": kind, "name": name, "uid": "1", "controller": controller}


def nodes() -> dict[str, Any]:
    def node(name: str, pool: str | None, **spec: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        labels = {"karpenter.sh/nodepool": pool} if pool else {}
        return {"metadata": {"name": name, "labels": labels}, "spec": spec}

    found = [node("ours", OURS), node("old", OLD), node("server", "coder-server"), node("bare", None)]
    found.append(node("third", "gpu-workspaces", taints=[NODE_TAINT]))
    return {f"/api/v1/nodes/{one['metadata']['name']}": one for one in found}


def running(folder: Path, *pods: Mapping[str, Any]) -> Mapping[str, int]:
    objects = {f"/api/v1/namespaces/{one['metadata']['namespace']}/pods/{one['metadata']['name']}": one for one in pods}
    with serving({**nodes(), **objects}) as url, Cluster(kubeconfig(folder / "c", url, "ohio"), "ohio") as cluster:
        return cluster.running_workspaces((OURS, OLD))


COUNTED: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "no labels": (pod("coder-1"), OURS),
    "other labels": (pod("coder-1", {"app.kubernetes.io/name": "envbox"}), OURS),
    "a namespace of no organization": (pod("dev", namespace="team-a"), OURS),
    "a Deployment's": (pod("dev-5d", owner=owner("ReplicaSet", "dev", "apps/v1")), OURS),
    "pending": (pod("coder-1", phase="Pending"), OURS),
    "the old pool's": (pod("coder-1", node="old"), OLD),
    "another pool with the workspaces' taint": (pod("coder-1", node="third"), "gpu-workspaces"),
    "labelled, elsewhere": (pod("coder-1", {"com.coder.workspace.id": "1"}, node="server"), "coder-server"),
    "labelled, on a node of no pool": (pod("coder-1", {"app.kubernetes.io/name": "coder-workspace"}, node="bare"), ""),
    "labelled as this project's": (pod("coder-1", {MANAGED_BY_LABEL: MARK}), OURS),
    "a Job's of the name of ours, elsewhere": (pod(f"{JOB}-x", owner=owner("Job", JOB, "batch/v1")), OURS),
    "another Job's in our namespace": (
        pod("other-x", namespace=MARK, owner=owner("Job", "other", "batch/v1")),
        OURS,
    ),
    "in our namespace, of nobody": (pod(f"{JOB}-x", namespace=MARK), OURS),
    "in our namespace, under another name": (pod("x", namespace=MARK, owner=owner("Job", JOB, "batch/v1")), OURS),
    "another ReplicaSet's in the namespace of ours": (
        pod("x-y", namespace=WARM_NODES, owner=owner("ReplicaSet", "x", "apps/v1")),
        OURS,
    ),
    "named as what holds nodes, elsewhere": (pod(f"{WARM}-x", owner=owner("ReplicaSet", WARM, "apps/v1")), OURS),
    "a DaemonSet's of another group": (pod("x", owner=owner("DaemonSet", "x", "apps.kruise.io/v1alpha1")), OURS),
    "a DaemonSet's that does not control it": (
        pod("x", owner=owner("DaemonSet", "x", "apps/v1", controller=False)),
        OURS,
    ),
}


@pytest.mark.parametrize("name", COUNTED)
def test_preflight_1_a_pod_that_may_be_a_workspace_counts(name: str, tmp_path: Path) -> None:
    found, pool = COUNTED[name]
    assert running(tmp_path, found) == {pool: 1}


OTHERS: Mapping[str, Mapping[str, Any]] = {
    "a DaemonSet's": pod("aws-node-1", namespace="kube-system", owner=owner("DaemonSet", "aws-node", "apps/v1")),
    "a DaemonSet's, labelled": pod(
        "x", {"app.kubernetes.io/name": "coder-workspace"}, owner=owner("DaemonSet", "x", "apps/v1")
    ),
    "this project's Job's": pod(f"{JOB}-x", namespace=MARK, owner=owner("Job", JOB, "batch/v1")),
    "this project's, that holds a node": pod(
        f"{WARM}-x", namespace=WARM_NODES, owner=owner("ReplicaSet", WARM, "apps/v1")
    ),
    "finished": pod("coder-1", phase="Succeeded"),
    "failed": pod("coder-1", phase="Failed"),
    "a provisioner, elsewhere": pod("coder-provisioner-1", node="server"),
    "on a node that is gone": pod("coder-1", node="gone"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_preflight_1_what_is_known_not_to_be_one_does_not(name: str, tmp_path: Path) -> None:
    assert running(tmp_path, OTHERS[name]) == {}
