"""Nodes for workspaces in clusters that are folders: claim, node and instance come and go together."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from workshop.model.names import NODE_CLASS, NODE_LABELS, NODE_POOL, NODE_TAINT
from workshop.sandbox.json_values import Json
from workshop.sandbox.manifests.store import ManifestStore
from workshop.sandbox.paths import CHECKOUT, SandboxPaths
from workshop.sandbox.pods.workspaces import DEPLOYMENTS, PODS, WorkspacePod, apply_deployment
from workshop.sandbox.servers.aws.application import Aws
from workshop.sandbox.servers.aws.instances import Instances
from workshop.sandbox.servers.karpenter.launch import CLAIMS, NODES, POOLS
from workshop.sandbox.servers.karpenter.reconcile import mirror_instances, reconcile, release_pod

NOW: Final = datetime(2026, 12, 3, 9, tzinfo=UTC)
REGION: Final = "us-east-2"
SPACE: Final = "coder-ws"


class Cluster:
    """A folder with our pool, for up to so many nodes, and AWS behind it."""

    def __init__(self, folder: Path, nodes: int) -> None:
        self.store = ManifestStore(folder / "cluster")
        paths = SandboxPaths(checkout=CHECKOUT, folder=folder)
        self.instances = Instances(Aws(paths, "123456789012", list))
        volume = {"deviceName": "/dev/xvdb", "ebs": {"volumeSize": "200Gi"}}
        requirements = [
            {"key": "node.kubernetes.io/instance-type", "operator": "In", "values": ["m6a.4xlarge", "c6a.4xlarge"]},
            {"key": "topology.kubernetes.io/zone", "operator": "In", "values": ["us-east-2c"]},
        ]
        template = {
            "metadata": {"labels": dict(NODE_LABELS)},
            "spec": {
                "nodeClassRef": {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": NODE_CLASS},
                "taints": [dict(NODE_TAINT)],
                "requirements": requirements,
            },
        }
        node_class = {
            "amiSelectorTerms": [{"alias": "bottlerocket@1.44.0"}],
            "blockDeviceMappings": [volume],
            "kubelet": {"maxPods": 10},
        }
        self.create("karpenter.k8s.aws/v1", "EC2NodeClass", NODE_CLASS, node_class)
        self.create(
            "karpenter.sh/v1", "NodePool", NODE_POOL, {"limits": {"cpu": str(16 * nodes)}, "template": template}
        )

    def create(self, api_version: str, kind: str, name: str, spec: Json) -> None:
        self.store.create({"apiVersion": api_version, "kind": kind, "metadata": {"name": name}, "spec": spec}, "test")

    def start(self, *names: str) -> None:
        """Workspaces of 4 vCPU; three have room on a node of 16."""
        for name in names:
            pod = WorkspacePod(
                workspace_id=name,
                workspace_name=name,
                owner_id="1",
                owner_name="ada",
                namespace=SPACE,
                vcpu=4,
                memory_gib=8,
                storage_gib=20,
                agent_token="made-up",
            )
            apply_deployment(self.store, pod)
        self.settle()

    def settle(self) -> None:
        reconcile(self.store, REGION, self.instances, NOW)

    def nodes(self) -> list[str]:
        return [node["metadata"]["name"] for node in self.store.list(NODES)]

    def placed(self) -> dict[str, str | None]:
        """The node of each pod, by its workspace; None while it waits."""
        return {
            pod["metadata"]["labels"]["com.coder.workspace.id"]: pod["spec"].get("nodeName")
            for pod in self.store.list(PODS)
        }

    def running(self) -> dict[str, str]:
        """Instances that run, by claim."""
        return {one.claim: one.id for one in self.instances.machines(REGION) if not one.is_gone}


@pytest.fixture
def cluster(tmp_path: Path) -> Cluster:
    cluster = Cluster(tmp_path, nodes=2)
    for instance in cluster.running().values():  # of the test before, in this process
        cluster.instances.terminate(REGION, instance, NOW)
    return cluster


def test_workspaces_fill_a_node_before_there_is_another(cluster: Cluster) -> None:
    cluster.start("a", "b", "c")
    assert len(cluster.nodes()) == 1
    cluster.start("d")
    assert len(cluster.nodes()) == 2
    assert None not in cluster.placed().values()
    claims = cluster.store.list(CLAIMS)
    assert {claim["metadata"]["name"] for claim in claims} == cluster.running().keys()
    assert {claim["status"]["providerID"] for claim in claims} == {
        f"aws:///us-east-2c/{instance}" for instance in cluster.running().values()
    }
    assert {claim["metadata"]["labels"]["node.kubernetes.io/instance-type"] for claim in claims} == {"c6a.4xlarge"}


def test_beyond_the_pools_limits_a_pod_waits(cluster: Cluster) -> None:
    cluster.start(*"abcdefg")
    assert len(cluster.nodes()) == 2
    assert [name for name, node in cluster.placed().items() if node is None] == ["g"]
    pool = cluster.store.get(POOLS, None, NODE_POOL)
    assert pool is not None
    assert pool["status"]["resources"]["cpu"] == "32"


def test_a_claim_that_is_deleted_takes_its_node_and_instance_and_a_pod_gets_another(cluster: Cluster) -> None:
    cluster.start("a")
    (before,) = cluster.running()
    cluster.store.delete(CLAIMS, None, before)
    cluster.settle()
    (after,) = cluster.running()
    assert after != before
    assert [claim["metadata"]["name"] for claim in cluster.store.list(CLAIMS)] == [after]
    assert cluster.placed() == {"a": cluster.nodes()[0]}


def test_after_the_deployment_is_gone_a_deleted_claim_stays_gone(cluster: Cluster) -> None:
    cluster.start("a")
    release_pod(cluster.store, SPACE, "coder-a")
    cluster.settle()
    (claim,) = cluster.running()  # empty, and there until somebody ends it
    cluster.store.delete(CLAIMS, None, claim)
    cluster.settle()
    assert (cluster.nodes(), cluster.running(), cluster.placed()) == ([], {}, {})


def test_a_pod_goes_with_its_deployment(cluster: Cluster) -> None:
    cluster.start("a", "b")
    cluster.store.delete(DEPLOYMENTS, SPACE, "coder-a")
    cluster.settle()
    assert cluster.placed().keys() == {"b"}


@pytest.mark.parametrize("what", ["instance", "node"])
def test_whichever_goes_takes_the_others(cluster: Cluster, what: str) -> None:
    cluster.start("a")
    cluster.store.delete(DEPLOYMENTS, SPACE, "coder-a")
    (instance,) = cluster.running().values()
    if what == "instance":
        cluster.instances.terminate(REGION, instance, NOW)
    else:
        cluster.store.delete(NODES, None, cluster.nodes()[0])
    cluster.settle()
    assert (cluster.nodes(), cluster.running(), cluster.store.list(CLAIMS)) == ([], {}, [])


def test_nodes_go_with_their_pool(cluster: Cluster) -> None:
    cluster.start("a")
    cluster.store.delete(POOLS, None, NODE_POOL)
    cluster.settle()
    assert (cluster.nodes(), cluster.running(), cluster.placed()) == ([], {}, {"a": None})


def test_a_cordoned_node_gets_nothing_new(cluster: Cluster) -> None:
    cluster.start("a")
    (first,) = cluster.nodes()
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": first}, "spec": {"unschedulable": True}}
    cluster.store.apply(node, "kubectl", force=True)
    cluster.start("b")
    assert cluster.placed()["a"] == first
    assert cluster.placed()["b"] != first


def test_where_karpenter_runs_instances_follow_its_claims(cluster: Cluster) -> None:
    def claim(name: str) -> None:
        labels = {"karpenter.sh/nodepool": NODE_POOL, "node.kubernetes.io/instance-type": "c6a.4xlarge"}
        metadata = {"name": name, "labels": labels}
        cluster.store.create({"apiVersion": CLAIMS.api_version, "kind": "NodeClaim", "metadata": metadata}, "karpenter")

    def mirror() -> dict[str, str]:
        mirror_instances(cluster.store, REGION, cluster.instances, NOW)
        return cluster.running()

    claim("deleted-later")
    claim("terminated-later")
    running = mirror()
    assert running.keys() == {"deleted-later", "terminated-later"}
    assert mirror() == running
    cluster.store.delete(CLAIMS, None, "deleted-later")
    cluster.instances.terminate(REGION, running["terminated-later"], NOW)
    assert mirror() == {}
    assert cluster.store.list(CLAIMS) == []
    assert mirror() == {}
