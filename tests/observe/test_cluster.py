"""What is asked of a cluster, and what an absence and a failure look like."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from lightkube import ConfigError

from tests.observe.kubernetes_api import kubeconfig, serving
from workshop.model.names import MANAGED_BY_LABEL, MARK
from workshop.observe.cluster import Cluster
from workshop.observe.look_up import NotFound


def manifest(name: str, labels: Mapping[str, str] | None = None, **content: object) -> dict[str, Any]:
    return {"metadata": {"name": name, "uid": f"uid-of-{name}", "labels": labels or {}}, **content}


def deployment(name: str, **spec: object) -> dict[str, Any]:
    containers = [{"name": "coder", "image": "coder:1"}, {"name": "sidecar", "image": "sidecar:1"}]
    return manifest(name, spec={**spec, "selector": {}, "template": {"spec": {"containers": containers}}})


def pod(name: str, node: str | None, phase: str = "Running", kind: str = "coder-workspace") -> dict[str, Any]:
    spec = {"containers": [{"name": "dev"}], **({"nodeName": node} if node else {})}
    return manifest(name, labels={"app.kubernetes.io/name": kind}, spec=spec, status={"phase": phase})


POOLS = "/apis/karpenter.sh/v1/nodepools"
DEPLOYMENTS = "/apis/apps/v1/namespaces/coder/deployments"
PODS = "/api/v1/namespaces/coder-ws/pods"
OBJECTS = {
    "/api/v1/namespaces/kube-system": manifest("kube-system"),
    f"{DEPLOYMENTS}/coder": deployment("coder", replicas=2, strategy={"rollingUpdate": {"maxSurge": 1}}),
    f"{DEPLOYMENTS}/other": deployment("other"),
    f"{POOLS}/coder-ws-all": manifest("coder-ws-all", spec={"weight": 1}, labels={MANAGED_BY_LABEL: "Helm"}),
    f"{POOLS}/workshop-workspaces": manifest(
        "workshop-workspaces", spec={}, status={"resources": {"cpu": "63500m"}}, labels={MANAGED_BY_LABEL: MARK}
    ),
    "/api/v1/nodes/old": manifest("old", labels={"karpenter.sh/nodepool": "coder-ws-all"}),
    "/api/v1/nodes/new": manifest("new", labels={"karpenter.sh/nodepool": "workshop-workspaces"}),
    "/api/v1/nodes/bare": manifest("bare"),
    f"{PODS}/one": pod("one", "new"),
    f"{PODS}/two": pod("two", "new", "Pending"),
    f"{PODS}/elsewhere": pod("elsewhere", "old"),
    f"{PODS}/nowhere": pod("nowhere", "bare"),
    f"{PODS}/done": pod("done", "new", "Succeeded"),
    f"{PODS}/failed": pod("failed", "new", "Failed"),
    f"{PODS}/unplaced": pod("unplaced", None, "Pending"),
    f"{PODS}/provisioner": pod("provisioner", "new", kind="coder-provisioner"),
}


@pytest.fixture(name="cluster")
def _cluster(tmp_path: Path) -> Iterator[Cluster]:
    with serving(OBJECTS) as url, Cluster(kubeconfig(tmp_path / "config", url, "ohio"), "ohio") as cluster:
        yield cluster


def test_a_clusters_identity_is_the_uid_of_kube_system(cluster: Cluster) -> None:
    assert cluster.uid() == "uid-of-kube-system"


def test_a_deployment_is_told_with_containers_images_and_replicas(cluster: Cluster) -> None:
    target = cluster.patch_target("coder", "coder")

    assert target.containers == ("coder", "sidecar")
    assert target.images == {"coder": "coder:1", "sidecar": "sidecar:1"}
    assert target.replicas == 2


def test_a_deployment_without_replicas_runs_the_servers_default_of_one(cluster: Cluster) -> None:
    assert cluster.patch_target("coder", "other").replicas == 1


def test_how_pods_are_replaced_is_as_kubernetes_has_it_where_it_is_not_said(cluster: Cluster) -> None:
    said, unsaid = (cluster.patch_target("coder", name) for name in ("coder", "other"))
    assert (said.strategy, said.max_surge, said.max_unavailable) == ("RollingUpdate", "1", "25%")
    assert (unsaid.strategy, unsaid.max_surge, unsaid.max_unavailable) == ("RollingUpdate", "25%", "25%")


def test_keda_is_known_by_the_fields_of_its_definition(tmp_path: Path) -> None:
    spec: dict[str, Any] = {"properties": {"fallback": {"properties": {"behavior": {}}}, "minReplicaCount": {}}}
    versions: list[dict[str, Any]] = [
        {"name": name, "served": served, "schema": {"openAPIV3Schema": {"properties": {"spec": spec}}}}
        for name, served in (("v1alpha1", True), ("v1beta1", True))
    ]
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/scaledobjects.keda.sh"
    for known, expected in (
        (versions, {"fallback", "fallback.behavior", "minReplicaCount"}),
        (versions[1:], set[str]()),
    ):
        objects = {path: manifest("scaledobjects.keda.sh", spec={"versions": known})}
        with serving(objects) as url, Cluster(kubeconfig(tmp_path / "config", url, "ohio"), "ohio") as cluster:
            assert cluster.scaled_object_fields() == expected


def test_without_keda_its_definition_is_not_found(cluster: Cluster) -> None:
    with pytest.raises(NotFound):
        cluster.scaled_object_fields()


def test_an_absent_deployment_comes_with_those_that_exist_beside_it(cluster: Cluster) -> None:
    with pytest.raises(NotFound) as absent:
        cluster.patch_target("coder", "coder-v2")

    assert absent.value.known == ("coder", "other")


def test_a_kind_that_the_cluster_does_not_know_is_absent_with_nothing_known(cluster: Cluster) -> None:
    with pytest.raises(NotFound) as absent:
        cluster.node_class("workshop-workspaces")

    assert absent.value.known == ()


def test_ours_is_what_carries_our_mark(cluster: Cluster) -> None:
    theirs, ours = cluster.node_pool("coder-ws-all"), cluster.node_pool("workshop-workspaces")

    assert (theirs.is_ours, theirs.owner, theirs.spec) == (False, "Helm", {"weight": 1})
    assert ours.is_ours


def test_vcpu_of_a_pool_are_rounded_up(cluster: Cluster) -> None:
    assert cluster.vcpu_of_pool("workshop-workspaces") == 64
    assert cluster.vcpu_of_pool("coder-ws-all") == 0


def test_nodes_are_told_by_pool(cluster: Cluster) -> None:
    assert cluster.nodes_of_pool("coder-ws-all") == ("old",)


def test_dns_1_load_balancers_are_those_of_a_namespaces_services(tmp_path: Path) -> None:
    def service(name: str, status: object) -> dict[str, Any]:
        return {"metadata": {"name": name}, "spec": {"type": "LoadBalancer"}, "status": status}

    statuses: dict[str, object] = {
        "a": {"loadBalancer": {"ingress": [{"hostname": "B.elb.us-east-2.amazonaws.com."}, {"ip": "198.41.128.7"}]}},
        "b": {"loadBalancer": {}},
        "c": {},
        "d": {"loadBalancer": {"ingress": [{"hostname": "a.elb.us-east-2.amazonaws.com"}]}},
    }
    objects = {f"/api/v1/namespaces/coder/services/{name}": service(name, one) for name, one in statuses.items()}
    with serving(objects) as url, Cluster(kubeconfig(tmp_path / "config", url, "ohio"), "ohio") as cluster:
        assert cluster.load_balancers("coder") == ("a.elb.us-east-2.amazonaws.com", "b.elb.us-east-2.amazonaws.com")
        assert cluster.load_balancers("elsewhere") == ()


def test_workspaces_that_hold_a_node_are_counted_by_its_pool(cluster: Cluster) -> None:
    assert cluster.running_workspaces(["workshop-workspaces"]) == {"workshop-workspaces": 3, "coder-ws-all": 1, "": 1}


def test_a_context_is_looked_for_in_all_files_of_kubeconfig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(OBJECTS) as url:
        files = [kubeconfig(tmp_path / name, url, name) for name in ("ohio", "oregon")]
        monkeypatch.setenv("KUBECONFIG", os.pathsep.join(files))
        with Cluster(None, "oregon") as cluster:
            assert cluster.uid() == "uid-of-kube-system"


def test_a_context_that_no_file_has_is_named(tmp_path: Path) -> None:
    file = kubeconfig(tmp_path / "config", "http://127.0.0.1:9", "ohio")

    with pytest.raises(ConfigError, match=r"no context london in .*config"):
        Cluster(file, "london")
