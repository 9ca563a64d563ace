"""What runs in a cluster: nodes, pods and what Karpenter says of its pool."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.observe.kubernetes_api import kubeconfig, serving
from workshop.model.window.other_pools import ClassSpec, PoolSpec
from workshop.observe.live_cluster import LiveCluster
from workshop.observe.live_objects import Autoscaler, KarpenterState, LiveNode, LivePod, OtherPool
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


QUOTA = "/api/v1/namespaces/coder-ws/resourcequotas"
SCALERS = "/apis/autoscaling/v2/namespaces/coder/horizontalpodautoscalers"
ADMISSION = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolic"
BORN = datetime(2026, 10, 2, 9, tzinfo=UTC)


def pool_spec(node_class: str) -> dict[str, Any]:
    return {"template": {"spec": {"nodeClassRef": {"name": node_class}, "expireAfter": "24h"}}}


def scaled(kind: str, **spec: object) -> dict[str, Any]:
    return {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": kind, "name": "coder"}, "maxReplicas": 9, **spec}


def bound(policy: str, action: str) -> dict[str, Any]:
    return manifest(policy, spec={"policyName": policy, "validationActions": [action]})


AROUND: Mapping[str, Mapping[str, Any]] = {
    f"{QUOTA}/whole": manifest(
        "whole", spec={"hard": {"cpu": "10", "memory": "1Gi"}}, status={"used": {"cpu": "2500m"}}
    ),
    f"{QUOTA}/new": manifest("new", spec={"hard": {"pods": "4"}}),
    f"{QUOTA}/empty": manifest("empty", spec={}),
    f"{SCALERS}/coder": manifest("coder", spec=scaled("Deployment", minReplicas=3)),
    f"{SCALERS}/least": manifest("least", spec=scaled("Deployment")),
    f"{SCALERS}/set": manifest("set", spec=scaled("StatefulSet")),
    f"{POOLS}/ours": manifest("ours", spec=pool_spec("ours")),
    f"{POOLS}/old": manifest("old", spec=pool_spec("old")),
    f"{POOLS}/lost": manifest("lost", spec=pool_spec("gone")),
    f"{CLASSES}/old": manifest("old", spec={"amiSelectorTerms": [{"alias": "bottlerocket@latest"}]}),
    f"{NODES}/open": {
        "metadata": {
            "name": "open",
            "labels": {"karpenter.sh/nodepool": "old"},
            "creationTimestamp": "2026-10-02T09:00:00Z",
        },
        "status": {
            "allocatable": {"pods": "58"},
            "images": [{"names": ["a:1", "a@sha256:1"]}, {"names": ["b@sha256:2"]}, {}],
        },
    },
    f"{NODES}/closed": manifest("closed", {"karpenter.sh/nodepool": "old"}, spec={"unschedulable": True}),
    f"{NODES}/nobodys": manifest("nobodys"),
    f"{ADMISSION}ies/deny": manifest("deny", spec={}),
    f"{ADMISSION}ybindings/deny": bound("deny", "Deny"),
    f"{ADMISSION}ies/warn": manifest("warn", spec={}),
    f"{ADMISSION}ybindings/warn": bound("warn", "Warn"),
    f"{ADMISSION}ies/other": manifest("other", spec={}),
    f"{ADMISSION}ybindings/other": manifest("other", spec={"policyName": "deny", "validationActions": ["Deny"]}),
    f"{WORKSPACES}/on": pod("on", {}, "open", phase="Running"),
    f"{WORKSPACES}/done": pod("done", {}, "open", phase="Succeeded"),
    f"{WORKSPACES}/waits": pod("waits", {"com.coder.workspace.id": FIRST}),
    f"{WORKSPACES}/elsewhere": pod("elsewhere", {}, "nobodys", phase="Running"),
    f"{CODER}/coder-1": pod(
        "coder-1",
        {},
        "nobodys",
        containerStatuses=[
            {
                **container("coder", ""),
                "lastState": {"terminated": {"exitCode": 1, "finishedAt": "2026-10-02T09:00:00Z"}},
            },
            {**container("sidecar", ""), "state": {"waiting": {"reason": "CrashLoopBackOff"}}},
        ],
    ),
    "/apis/apps/v1/namespaces/coder/deployments/coder": manifest(
        "coder", spec={"selector": {"matchLabels": {}}, "template": {"spec": {"containers": []}}}
    ),
    f"{POOLS}/changed": manifest(
        "changed",
        spec=pool_spec("changed"),
        status={"conditions": [{**condition("Ready", "True"), "observedGeneration": 2}]},
    ),
    f"{CLASSES}/changed": manifest(
        "changed", status={"conditions": [{**condition("Ready", "True"), "observedGeneration": 3}]}
    ),
}
for changed in (f"{POOLS}/changed", f"{CLASSES}/changed"):
    AROUND[changed]["metadata"]["generation"] = 3


@pytest.fixture(name="around", scope="module")
def _around(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveCluster]:
    """What others have in a cluster."""
    config = tmp_path_factory.mktemp("around") / "config"
    with serving(AROUND) as url, LiveCluster(kubeconfig(config, url, "ohio"), "ohio") as cluster:
        yield cluster


def test_of_a_quota_what_is_left_counts(around: LiveCluster) -> None:
    assert around.quota_left("coder-ws") == {
        ("whole", "cpu"): Decimal("7.5"),
        ("whole", "memory"): Decimal(1024**3),
        ("new", "pods"): Decimal(4),
    }


def test_autoscalers_are_those_of_deployments_and_keep_one_at_least(around: LiveCluster) -> None:
    assert around.autoscalers("coder") == (
        Autoscaler(name="coder", deployment="coder", least=3, most=9),
        Autoscaler(name="least", deployment="coder", least=1, most=9),
    )


def test_other_pools_come_with_class_and_nodes(around: LiveCluster) -> None:
    spec = PoolSpec.model_validate(pool_spec("old"))
    moving = ClassSpec.model_validate({"amiSelectorTerms": [{"alias": "bottlerocket@latest"}]})
    assert around.other_pools(["ours", "changed"]) == (
        OtherPool(name="old", spec=spec, node_class=moving, open_nodes=("open",), born=(BORN,)),
        OtherPool(name="lost", spec=spec, node_class=None, open_nodes=(), born=()),
    )


def test_a_node_says_how_many_pods_it_takes_and_which_images_it_has(around: LiveCluster) -> None:
    found = {node.name: (node.max_pods, node.image_digests) for node in around.live_nodes("old")}
    assert found == {"open": (58, {"sha256:1", "sha256:2"}), "closed": (0, frozenset())}


def test_workspaces_are_on_the_pools_nodes_or_wait_for_one(around: LiveCluster) -> None:
    assert [(found.name, found.node, found.workspace_id) for found in around.workspace_pods("old")] == [
        ("on", "open", ""),
        ("waits", "", FIRST),
    ]


@pytest.mark.parametrize(("policy", "refuses"), [("deny", True), ("warn", False), ("other", False)])
def test_only_a_binding_of_its_own_that_denies_makes_a_policy_refuse(
    around: LiveCluster, policy: str, refuses: bool
) -> None:
    assert around.refuses_by(policy) is refuses


def test_a_pod_that_restarts_is_not_steady(around: LiveCluster) -> None:
    (found,) = around.pods_of("coder", "coder")
    assert (found.restarted_at, found.waiting) == (BORN, "CrashLoopBackOff")
    assert found.why_not() == "coder-1 CrashLoopBackOff, restarted 09:00 UTC"


def test_a_condition_of_an_earlier_generation_is_stale(around: LiveCluster) -> None:
    assert around.karpenter_state("changed").stale == ("NodePool Ready of generation 2, it is 3",)
