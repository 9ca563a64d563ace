"""Pools beside ours: closed to workspaces, and held."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.checks.cluster.test_nodes import CLASS, OLD, OURS, POOL, node
from tests.checks.quick import clusters, results, site
from workshop.checks.cluster.nodes import NodePoolReady
from workshop.checks.cluster.other_pools import OtherPools
from workshop.model.names import NODE_TAINT

OHIO = "us-east-2"
POOLS, CLASSES = POOL.rpartition("/")[0], CLASS.rpartition("/")[0]
SERVER = {**NODE_TAINT, "value": "coder-server"}


def pool(name: str, taint: Mapping[str, str] = SERVER, **spec: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    template = {"nodeClassRef": {"name": "c"}, "taints": [taint], "expireAfter": "Never"}
    disruption = {"consolidationPolicy": "WhenEmpty", "consolidateAfter": "1m"}
    return {"metadata": {"name": name}, "spec": {"template": {"spec": template}, "disruption": disruption, **spec}}


def said(folder: Path, *found: Mapping[str, Any], alias: str = "al2023@latest", **values: Any) -> dict[str, str]:  # noqa: ANN401 - settings
    objects: dict[str, Any] = {f"/api/v1/nodes/{OURS}": node(OURS, OURS)}
    for one in found:
        kind = POOLS if "spec" in one and "template" in one["spec"] else "/api/v1/nodes"
        objects[f"{kind}/{one['metadata']['name']}"] = one
    objects |= {f"{POOLS}/{name}": pool(name, NODE_TAINT) for name in (OURS, OLD)}
    node_class = {"metadata": {"name": "c"}, "spec": {"amiSelectorTerms": [{"alias": alias}]}}
    with clusters(folder, {**objects, f"{CLASSES}/c": node_class}) as kubeconfig:
        (result,) = results(OtherPools(), site(kubeconfig=kubeconfig, **values), OHIO)
    return result


def test_preflight_6_a_pool_on_the_latest_ami_may_drift_under_the_server(tmp_path: Path) -> None:
    result = said(tmp_path, pool("coder-server"))
    assert (result["verdict"], result["found"]) == ("no-go", "coder-server may drift (AMI al2023@latest)")
    assert result["fix"] == (
        "kubectl --context coder-ohio patch nodepool coder-server --type merge -p "
        '\'{"spec": {"disruption": {"budgets": [{"nodes": "10%"}, '
        '{"nodes": "0", "schedule": "0 16 1 10 *", "duration": "30h0m"}]}}}\''
    )


def test_preflight_6_a_pool_that_is_pinned_is_fine(tmp_path: Path) -> None:
    result = said(tmp_path, pool("coder-server"), alias="al2023@v20260101")
    assert (result["verdict"], result["found"]) == ("go", "1 other pool, held in the window")


def test_preflight_6_expiry_is_mended_too(tmp_path: Path) -> None:
    made = pool("coder-server")
    made["spec"]["template"]["spec"]["expireAfter"] = "24h"
    assert '"expireAfter": "Never"' in said(tmp_path, made)["fix"]


@pytest.mark.parametrize(
    ("limits", "nodes", "verdict"),
    [
        ({}, (), "no-go"),
        ({"cpu": "0"}, (), "go"),
        ({"cpu": "0"}, (node("n", "gpu"),), "no-go"),
        ({"cpu": "0"}, (node("n", "gpu", is_cordoned=True),), "go"),
        ({"cpu": "64"}, (node("n", "gpu", is_cordoned=True),), "no-go"),
    ],
    ids=["open", "closed", "closed with an open node", "closed with a cordoned one", "limited"],
)
def test_preflight_6_another_pool_must_not_take_workspaces(
    tmp_path: Path, limits: Mapping[str, str], nodes: tuple[Mapping[str, Any], ...], verdict: str
) -> None:
    result = said(tmp_path, pool("gpu", NODE_TAINT, limits=limits), *nodes, alias="al2023@v1")
    assert result["verdict"] == verdict
    if verdict == "no-go":
        assert result["found"].startswith("workspaces may land on gpu (")


def test_preflight_6_without_a_window_nothing_is_held(tmp_path: Path) -> None:
    result = said(tmp_path, pool("coder-server"), window=None)
    assert (result["verdict"], result["found"]) == ("warning", "1 other pool; no window is set")


def test_preflight_6_a_pool_that_can_t_be_read_is_inconclusive(tmp_path: Path) -> None:
    assert said(tmp_path, pool("odd", disruption={"budgets": [{"nodes": ["0"]}]}))["verdict"] == "inconclusive"


def ready(**others: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {"type": "Ready", "status": "True", **others}


REGISTERED = "NodeRegistrationHealthy"
STATES: Mapping[str, tuple[list[dict[str, Any]], str, str]] = {
    "ready": ([ready()], "go", "both Ready"),
    "none": ([], "no-go", "NodePool Ready: Karpenter has not reported a condition yet"),
    "ready, though another is not": (
        [ready(), {"type": "ValidationSucceeded", "status": "False", "message": "no subnets"}],
        "no-go",
        "NodePool ValidationSucceeded: no subnets",
    ),
    "ready, though another is unknown": (
        [ready(), {"type": "NodeClassReady", "status": "Unknown"}],
        "no-go",
        "NodePool NodeClassReady: Unknown",
    ),
    "others without Ready": (
        [{"type": "ValidationSucceeded", "status": "True"}],
        "no-go",
        "NodePool Ready: Karpenter has not reported",
    ),
    "its nodes do not register": (
        [ready(), {"type": REGISTERED, "status": "False", "reason": "RegistrationFailed"}],
        "no-go",
        f"NodePool {REGISTERED}: RegistrationFailed",
    ),
    "none has registered yet": ([ready(), {"type": REGISTERED, "status": "Unknown"}], "go", "both Ready"),
    "of this generation": ([ready(observedGeneration=2)], "go", "both Ready"),
    "of the one before": (
        [ready(observedGeneration=1)],
        "inconclusive",
        "Karpenter has not looked at the last change: NodePool Ready of generation 1, it is 2",
    ),
    "not ready, of the one before": (
        [{**ready(observedGeneration=1), "status": "False", "message": "no class"}],
        "no-go",
        "NodePool Ready: no class",
    ),
}


@pytest.mark.parametrize("name", STATES)
def test_preflight_5_all_that_karpenter_says_has_to_be_good_and_recent(name: str, tmp_path: Path) -> None:
    conditions, verdict, words = STATES[name]
    objects: dict[str, Any] = {
        POOL: {"metadata": {"name": OURS, "generation": 2}, "spec": {}, "status": {"conditions": conditions}},
        CLASS: {"metadata": {"name": OURS}, "spec": {}, "status": {"conditions": [ready()]}},
    }
    with clusters(tmp_path, objects) as kubeconfig:
        (result,) = results(NodePoolReady(), site(kubeconfig=kubeconfig), OHIO)
    assert result["verdict"] == verdict
    assert words in result["found"]


def test_preflight_5_a_pool_that_is_being_deleted_is_no_go(tmp_path: Path) -> None:
    gone = {"name": OURS, "deletionTimestamp": "2026-10-02T11:00:00Z"}
    objects: dict[str, Any] = {
        POOL: {"metadata": gone, "spec": {}, "status": {"conditions": [ready()]}},
        CLASS: {"metadata": {"name": OURS}, "spec": {}, "status": {"conditions": [ready()]}},
    }
    with clusters(tmp_path, objects) as kubeconfig:
        (result,) = results(NodePoolReady(), site(kubeconfig=kubeconfig), OHIO)
    assert (result["verdict"], result["found"]) == ("no-go", "NodePool: is being deleted")
