"""What workspaces are going to stand on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from syrupy.assertion import SnapshotAssertion

from tests.checks.quick import Answer, Answers, clusters, given, results, same, site
from tests.model.given import regions
from workshop.checks.check import Check
from workshop.checks.cluster.nodes import QUERIES, DaemonSetOverhead, NodePoolReady, NodeStorage, PreviousNodes
from workshop.model.plan.plan import plan_of_event

OHIO, OREGON, LONDON = REGIONS = ("us-east-2", "us-west-2", "eu-west-2")
KEY_INFO = "LiteLLM GET /key/info"


def key(**content: object) -> Answers:
    return {KEY_INFO: (200, {"info": {"key_alias": "k", **content}})}


POOL = "/apis/karpenter.sh/v1/nodepools/workshop-workspaces"
OURS, OLD = "workshop-workspaces", "coder-ws-all"


READY = {"conditions": [{"type": "Ready", "status": "True"}]}


def node(
    name: str, pool_name: str, storage: str = "201Gi", *, is_cordoned: bool = False, max_pods: str = "9"
) -> dict[str, Any]:
    return {
        "metadata": {"name": name, "labels": {"karpenter.sh/nodepool": pool_name}},
        "spec": {"unschedulable": True} if is_cordoned else {},
        "status": {"allocatable": {"ephemeral-storage": storage, "pods": max_pods}, **READY},
    }


def workspace(on: str) -> dict[str, Any]:
    return {
        "metadata": {"name": f"w-{on}", "labels": {"app.kubernetes.io/name": "coder-workspace"}},
        "spec": {"containers": [{"name": "dev"}], "nodeName": on},
        "status": {"phase": "Running"},
    }


def there(*nodes: dict[str, Any], workspaces: Sequence[str] = ()) -> Mapping[str, Mapping[str, Any]]:
    return {
        "/api/v1/nodes/unrelated": {"metadata": {"name": "unrelated"}},
        **{f"/api/v1/nodes/{one['metadata']['name']}": one for one in nodes},
        **{f"/api/v1/namespaces/coder-ws-demo/pods/w-{on}": workspace(on) for on in workspaces},
    }


PLANNED = plan_of_event(given()).regions[OHIO].nodes.allocatable_storage_gib
BYTES = int(PLANNED * 2**30)
STATUS = {"conditions": [{"type": "Ready", "status": "False", "message": "subnets not found"}]}
CLASS = f"/apis/karpenter.k8s.aws/v1/ec2nodeclasses/{OURS}"
OF_NODES: Mapping[str, tuple[Check, Mapping[str, Mapping[str, Any]]]] = {
    "old: none": (PreviousNodes(), there()),
    "old: cordoned and empty": (PreviousNodes(), there(node("a", OLD, is_cordoned=True))),
    "old: open": (PreviousNodes(), there(node("a", OLD, "44Gi"), node("b", OLD, is_cordoned=True))),
    "old: in use": (
        PreviousNodes(),
        there(node("a", OLD, is_cordoned=True), node("b", OLD, "44Gi"), workspaces=("a",)),
    ),
    "pool: ready": (
        NodePoolReady(),
        {path: {"metadata": {"name": OURS}, "spec": {}, "status": READY} for path in (POOL, CLASS)},
    ),
    "pool: not ready": (
        NodePoolReady(),
        {path: {"metadata": {"name": OURS}, "spec": {}, "status": STATUS} for path in (POOL, CLASS)},
    ),
    "pool: not there": (NodePoolReady(), {"/apis/karpenter.sh/v1/nodepools/other": {"metadata": {"name": "other"}}}),
    "pool: none at all": (NodePoolReady(), {}),
    "storage: no node": (NodeStorage(), there()),
    "storage: as planned": (NodeStorage(), there(node("a", OURS, f"{BYTES}"), node("b", OURS, "500Gi"))),
    "storage: a little less": (NodeStorage(), there(node("a", OURS, "500Gi"), node("b", OURS, f"{BYTES * 97 // 100}"))),
    "storage: just the file system's part": (NodeStorage(), there(node("b", OURS, f"{BYTES * 9501 // 10000}"))),
    "storage: more than the file system's part": (NodeStorage(), there(node("b", OURS, f"{BYTES * 9499 // 10000}"))),
    "storage: not exact": (NodeStorage(), there(node("b", OURS, f"{BYTES - 1000}"))),
}


@pytest.mark.parametrize("name", OF_NODES)
def test_of_nodes(name: str, tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    check, objects = OF_NODES[name]
    with clusters(tmp_path, objects) as kubeconfig:
        same(results(check, site(kubeconfig=kubeconfig), OHIO), snapshot)


def vector(**by_node: str) -> Answer:
    samples: list[dict[str, Any]] = [
        {"metric": {"node": name}, "value": [1.0, value]} for name, value in by_node.items()
    ]
    samples.append({"metric": {}, "value": [1.0, "99999"]})
    return 200, {"data": {"result": samples}}


def measured(cpu: Answer, memory: Answer, pods: Answer) -> Answers:
    answers: dict[str, Answer] = {"cpu_millicores": cpu, "memory_mib": memory, "pods": pods}
    return {
        f"Prometheus GET {httpx.URL('/api/v1/query', params={'query': query}).raw_path.decode()}": answers[key]
        for key, query in QUERIES.items()
    }


OVERHEADS: Mapping[str, Answers] = {
    "as planned": measured(vector(a="500", b="100"), vector(a="1024", b="1"), vector(a="6", b="6", other="70")),
    "more": measured(vector(a="500", b="100"), vector(a="1024.5", b="1"), vector(a="7", b="6")),
    "a node that is not known": measured(vector(a="500"), vector(a="1"), vector(a="1")),
}


@pytest.mark.parametrize("name", OVERHEADS)
def test_of_daemon_sets(name: str, tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    with clusters(tmp_path, there(node("a", OURS), node("b", OURS))) as kubeconfig:
        same(results(DaemonSetOverhead(), site(OVERHEADS[name], kubeconfig=kubeconfig), OHIO), snapshot)


@pytest.mark.parametrize(
    ("pods", "max_pods", "verdict", "words"),
    [
        ("6", "9", "go", ""),
        ("2", "9", "no-go", "b takes 9 pods, 2 of DaemonSets: 7 workspaces"),
        ("5", "9", "no-go", "4 workspaces"),
        ("6", "110", "no-go", "104 workspaces"),
        ("6", "8", "no-go", "2 workspaces"),
        ("6", "0", "inconclusive", "b does not say how many pods it takes"),
    ],
)
def test_preflight_4_a_node_takes_as_many_workspaces_as_were_sized(
    tmp_path: Path, pods: str, max_pods: str, verdict: str, words: str
) -> None:
    answers = measured(vector(a="500", b="100"), vector(a="1024", b="1"), vector(a="6", b=pods))
    with clusters(tmp_path, there(node("a", OURS), node("b", OURS, max_pods=max_pods))) as kubeconfig:
        (result,) = results(DaemonSetOverhead(), site(answers, kubeconfig=kubeconfig), OHIO)
    assert result["verdict"] == verdict
    assert words in result["found"]
    if verdict == "no-go":
        assert result["fix"].startswith(f"set workshop:daemonset_overhead.pods to {pods}")


@pytest.mark.parametrize("check", [NodeStorage(), DaemonSetOverhead()], ids=lambda check: check.id)
def test_where_no_users_are_expected_nothing_is_needed(check: Check, snapshot: SnapshotAssertion) -> None:
    here = site(regions=regions({0: {"share": 100}, 1: {"share": 0}, 2: {"share": 0}}))
    same(results(check, here, LONDON), snapshot)
