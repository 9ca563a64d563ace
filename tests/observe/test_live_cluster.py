"""What runs in a cluster: nodes, pods and what Karpenter says of its pool."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.observe.kubernetes_api import kubeconfig, serving
from workshop.observe.live_cluster import KarpenterState, LiveCluster, LiveNode, LivePod
from workshop.observe.look_up import NotFound

POOL = {"karpenter.sh/nodepool": "workshop-workspaces"}
FIRST, SECOND, THIRD, FOURTH = (f"0b5b8a7e-8f0e-4f2c-9b57-00000000000{number}" for number in range(1, 5))
WORKSPACE = {"app.kubernetes.io/name": "coder-workspace"}


def condition(kind: str, status: str, **others: str) -> Mapping[str, str]:
    return {"type": kind, "status": status, **others}


def manifest(name: str, labels: Mapping[str, str] | None = None, **content: object) -> dict[str, Any]:
    return {"metadata": {"name": name, "labels": labels or {}}, **content}


def pod(name: str, labels: Mapping[str, str], node: str | None = None, **status: object) -> dict[str, Any]:
    spec = {"containers": [{"name": "coder"}], **({"nodeName": node} if node else {})}
    return manifest(name, labels, spec=spec, status=status)


def container(name: str, image_id: str) -> dict[str, Any]:
    return {"name": name, "image": "coder:1", "imageID": image_id, "ready": True, "restartCount": 0}


READY = {"conditions": [condition("Ready", "True")]}
SELECTED = {"app": "coder"}
NODES, WORKSPACES, CODER = "/api/v1/nodes", "/api/v1/namespaces/coder-ws/pods", "/api/v1/namespaces/coder/pods"
POOLS, CLASSES = "/apis/karpenter.sh/v1/nodepools", "/apis/karpenter.k8s.aws/v1/ec2nodeclasses"
OBJECTS: dict[str, Mapping[str, Any]] = {
    f"{NODES}/one": manifest(
        "one", POOL, spec={"unschedulable": True}, status={**READY, "allocatable": {"ephemeral-storage": "201Gi"}}
    ),
    f"{NODES}/two": manifest("two", POOL, spec={}, status={"conditions": [condition("Ready", "False")]}),
    f"{NODES}/bare": manifest("bare"),
    f"{NODES}/old": manifest("old", {"karpenter.sh/nodepool": "coder-ws-all"}),
    f"{WORKSPACES}/a": pod("a", {**WORKSPACE, "com.coder.workspace.id": FIRST}, "one", phase="Running"),
    f"{WORKSPACES}/b": pod("b", WORKSPACE, "one", phase="Pending"),
    f"{WORKSPACES}/done": pod("done", WORKSPACE, "one", phase="Succeeded"),
    f"{WORKSPACES}/failed": pod("failed", WORKSPACE, "one", phase="Failed"),
    f"{WORKSPACES}/unplaced": pod("unplaced", {"com.coder.workspace.id": SECOND}),
    f"{WORKSPACES}/unlabelled": pod(f"coder-{FOURTH}-7d9f", {}, "old"),
    f"{WORKSPACES}/bare": pod("bare", {"com.coder.workspace.id": THIRD}, "bare"),
    f"{CODER}/coder-1": pod(
        "coder-1",
        SELECTED,
        "one",
        phase="Running",
        conditions=[condition("Initialized", "True"), condition("Ready", "True")],
        containerStatuses=[container("coder", "coder@sha256:1"), container("sidecar", "")],
    ),
    f"{CODER}/coder-2": pod("coder-2", SELECTED, conditions=[condition("Ready", "Unknown")]),
    f"{CODER}/other": pod("other", {"app": "other"}),
    "/apis/apps/v1/namespaces/coder/deployments/coder": manifest(
        "coder", spec={"selector": {"matchLabels": SELECTED}, "template": {"spec": {"containers": []}}}
    ),
    **{f"{path}/ready": manifest("ready", status=READY) for path in (POOLS, CLASSES)},
    f"{POOLS}/broken": manifest(
        "broken",
        status={
            "conditions": [
                condition("Ready", "False", reason="NotReady", message="class is not ready"),
                condition("NodeClassReady", "Unknown", reason="Unresolved"),
                condition("ValidationSucceeded", "True"),
                condition("Other", "False"),
            ]
        },
    ),
    f"{CLASSES}/broken": manifest("broken"),
    f"{POOLS}/alone": manifest("alone", status=READY),
}


@pytest.fixture(name="cluster")
def _cluster(tmp_path: Path) -> Iterator[LiveCluster]:
    with serving(OBJECTS) as url, LiveCluster(kubeconfig(tmp_path / "config", url, "ohio"), "ohio") as cluster:
        yield cluster


def test_nodes_of_a_pool_are_told_with_their_workspaces(cluster: LiveCluster) -> None:
    assert cluster.live_nodes("workshop-workspaces") == (
        LiveNode(name="one", is_ready=True, is_cordoned=True, allocatable_gib=Decimal(201), workspaces=3),
        LiveNode(name="two", is_ready=False, is_cordoned=False, allocatable_gib=Decimal(0), workspaces=0),
    )


def test_pods_are_those_that_the_deployment_selects(cluster: LiveCluster) -> None:
    assert cluster.pods_of("coder", "coder") == (
        LivePod(
            name="coder-1",
            node="one",
            phase="Running",
            is_ready=True,
            image_ids={"coder": "coder@sha256:1", "sidecar": ""},
        ),
        LivePod(name="coder-2", node="", phase="Unknown", is_ready=False, image_ids={}),
    )


def test_a_deployment_that_is_not_there_comes_with_those_that_are(cluster: LiveCluster) -> None:
    with pytest.raises(NotFound) as absence:
        cluster.pods_of("coder", "coder-v2")
    assert absence.value.known == ("coder",)


@pytest.mark.parametrize(
    ("workspace", "pool"),
    [(FIRST, "workshop-workspaces"), (SECOND, ""), (THIRD, ""), (FOURTH, "coder-ws-all"), ("none", "")],
)
def test_a_workspace_is_found_by_its_id_on_a_pool(cluster: LiveCluster, workspace: str, pool: str) -> None:
    assert cluster.pool_of_workspace(workspace) == pool


def test_karpenters_reasons_are_told_by_condition(cluster: LiveCluster) -> None:
    assert cluster.karpenter_state("ready") == KarpenterState(problems={}, stale=())
    assert cluster.karpenter_state("broken").problems == {
        "NodePool Ready": "class is not ready",
        "NodePool NodeClassReady": "Unresolved",
        "NodePool Other": "False",
        "EC2NodeClass Ready": "Karpenter has not reported a condition yet",
    }


def test_a_pool_without_its_class_is_not_there(cluster: LiveCluster) -> None:
    with pytest.raises(NotFound) as absence:
        cluster.karpenter_state("alone")
    assert absence.value.known == ("broken", "ready")
