"""What keeper and dead man's switch may do on a real API server: what their roles say, where admission lets them."""

from __future__ import annotations

import uuid
from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from lightkube import KubeConfig
from pulumi import ResourceOptions

from components.component import Component
from components.event.admission import EventAdmission
from components.event.dead_man import DeadMan
from components.event.keeper_rights import KeeperRights
from tests.clusters.objects import namespace
from tests.clusters.rotation_guard import said_to, until
from tests.components import event_examples
from tests.components.declared import PROVIDERS
from tests.components.recorded import run
from tests.policies.declared import node_pool
from workshop.event.dead_man import dead_man
from workshop.event.failure import EventFailure
from workshop.event.systems.cluster import Cluster
from workshop.model.event.dead_man import DeadManRequest, Heartbeat
from workshop.sandbox.clusters.api import APPLY, Access, Api
from workshop.sandbox.clusters.running import api_servers
from workshop.sandbox.clusters.store import ApiServerStore
from workshop.sandbox.files import write_whole
from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.manifests.merging import ClusterRefusal, Manifest
from workshop.sandbox.paths import SandboxPaths

pytestmark = pytest.mark.clusters

RUN = uuid.uuid4().hex[:6]
AT, WORK, OTHER = f"event-{RUN}", f"work-{RUN}", f"other-{RUN}"
KEEPER, SWITCH, POOL = f"keeper-{RUN}", f"switch-{RUN}", f"event-pool-{RUN}"
NOW = datetime(2026, 10, 2, 23, tzinfo=UTC)
SEAT = "6c1e6b5a-0000-4000-8000-000000000001"
RIGHTS = replace(
    event_examples.RIGHTS,
    keeper=KEEPER,
    account_namespace=AT,
    namespace=AT,
    workspace_namespaces=(WORK,),
    node_pool=POOL,
)
ADMISSION = replace(
    event_examples.ADMISSION,
    users=tuple(f"system:serviceaccount:{AT}:{name}" for name in (KEEPER, SWITCH)),
    workspace_namespaces=(WORK,),
    node_pool=POOL,
)
DEAD_MAN = replace(event_examples.DEAD_MAN, namespace=AT, service_account=SWITCH, node_pool=POOL)
CLAIM = "/apis/karpenter.sh/v1/nodeclaims"
POOLS = "/apis/karpenter.sh/v1/nodepools"


def manifests(kind: type[Component], args: object) -> list[Manifest]:
    """What a component declares, in its order."""

    def program() -> None:
        kind("ohio", args, ResourceOptions(provider=PROVIDERS["kubernetes"]("the-provider")))  # pyright: ignore[reportArgumentType]

    return [dict(one.inputs) for one in run(program).resources if one.type.startswith("kubernetes:")]


@dataclass(frozen=True, kw_only=True)
class Event:
    """A cluster with both accounts, bound; and as its administrator."""

    store: ApiServerStore
    access: Access
    tokens: Mapping[str, str]
    folder: Path

    def api(self, account: str) -> Api:
        return Api("ohio", replace(self.access, token=self.tokens[account]))

    def cluster(self, account: str) -> Cluster:
        """As the keeper, or the switch, sees it."""
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "c", "cluster": self.access.cluster}],
            "users": [{"name": "u", "user": {"token": self.tokens[account]}}],
            "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
            "current-context": "x",
        }
        path = self.folder / account
        write_whole(path, yaml.safe_dump(config), mode=0o600)
        return Cluster(KubeConfig.from_file(path))

    def entering(self, pod: str, at: str = WORK, account: str = KEEPER, method: str = "GET", **query: str) -> str:
        """What is said to somebody who runs a command in a pod; a pod that is on no node runs nothing."""
        try:
            chosen = {"command": "true", "container": "dev", "stdout": "true", **query}
            self.api(account).request(method, f"/api/v1/namespaces/{at}/pods/{pod}/exec", query=chosen)
        except ClusterRefusal as refusal:
            return str(refusal)
        return ""


@pytest.fixture(scope="module")
def event(
    clusters: SandboxPaths, ohio: Api, store: ApiServerStore, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Event]:
    for name in (AT, WORK, OTHER):
        store.create(namespace(name), "tests")
    for name in (POOL, f"{POOL}-other"):
        store.create({**node_pool().inputs, "metadata": {"name": name}}, "tests")
    account: Manifest = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": KEEPER, "namespace": AT}}
    declared = [
        *manifests(EventAdmission, ADMISSION),
        account,
        *manifests(KeeperRights, RIGHTS),
        *manifests(DeadMan, DEAD_MAN),
    ]
    for manifest in declared:
        store.apply(manifest, "tests", force=True)
    tokens: dict[str, str] = {}
    for name in (KEEPER, SWITCH):
        request: Manifest = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
        place = f"/api/v1/namespaces/{AT}/serviceaccounts/{name}/token"
        tokens[name] = ohio.request("POST", place, request)["status"]["token"]
    for name, at in ((f"coder-{SEAT}", WORK), ("coder-provisioner-7d9f-x", WORK), ("coder-other", OTHER)):
        store.create(pod(name, at), "tests")
    made = Event(
        store=store,
        access=api_servers(clusters)["coder-ohio"],
        tokens=tokens,
        folder=tmp_path_factory.mktemp("kubeconfigs"),
    )
    for name in ("mine", "shared"):
        node(made, f"{name}-{RUN}", POOL)
    node(made, f"foreign-{RUN}", f"{POOL}-other")
    until(lambda: is_in_force(made))
    yield made
    for manifest in reversed(declared):
        kind = kind_of(manifest["apiVersion"], manifest["kind"])
        store.delete(kind, manifest["metadata"].get("namespace"), manifest["metadata"]["name"])
    for name, at in ((f"coder-{SEAT}", WORK), ("coder-provisioner-7d9f-x", WORK), ("coder-other", OTHER)):
        store.delete(kind_of("v1", "Pod"), at, name)  # or preflight finds workspaces that wait for a node
    for api_version, kind in (("karpenter.sh/v1", "NodeClaim"), ("v1", "Node"), ("karpenter.sh/v1", "NodePool")):
        known = kind_of(api_version, kind)
        for one in store.list(known):
            if RUN in one["metadata"]["name"]:
                store.delete(known, None, one["metadata"]["name"])


def pod(name: str, at: str, node_name: str | None = None, **labels: str) -> Manifest:
    container = {"name": "dev", "image": "example/dev:1"}
    spec: Manifest = {
        "containers": [container],
        "automountServiceAccountToken": False,
        "tolerations": [{"operator": "Exists"}],
    }
    if node_name:
        spec["nodeName"] = node_name
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": at, "labels": labels},
        "spec": spec,
    }


def node(event: Event, name: str, pool: str) -> None:
    labels = {"karpenter.sh/nodepool": pool}
    event.store.create({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels}}, "tests")
    reference = {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "a"}
    requirement = {"key": "kubernetes.io/os", "operator": "In", "values": ["linux"]}
    claim: Manifest = {
        "apiVersion": "karpenter.sh/v1",
        "kind": "NodeClaim",
        "metadata": {"name": name, "labels": labels},
        "spec": {"nodeClassRef": reference, "requirements": [requirement]},
    }
    made = event.store.create(claim, "tests")
    event.store.set_status({**made, "status": {"nodeName": name, "providerID": f"aws:///a/{name}"}}, "tests")


def patched(event: Event, account: str, path: str, body: Mapping[str, object]) -> str:
    return said_to(event.api(account), "PATCH", path, body)


def is_in_force(event: Event) -> bool:
    """Whether each policy has refused something: the API server takes a while to know them."""
    refused = (
        event.entering("coder-provisioner-7d9f-x"),
        patched(event, KEEPER, f"{POOLS}/{POOL}", {"spec": {"weight": 7}}),
        said_to(event.api(KEEPER), "DELETE", f"{CLAIM}/foreign-{RUN}"),
        patched(event, KEEPER, f"/api/v1/nodes/foreign-{RUN}", {"spec": {"unschedulable": True}}),
    )
    return all("this account" in said for said in refused)


def test_the_keeper_gets_into_workspaces_and_into_nothing_else(event: Event) -> None:
    for method in ("GET", "POST"):  # by websocket, and by SPDY
        assert "does not have a host assigned" in event.entering(f"coder-{SEAT}", method=method)
    refused = f"this account gets into container dev of workspaces' pods in {WORK} only"
    assert refused in event.entering("coder-provisioner-7d9f-x")
    assert refused in event.entering(f"coder-{SEAT}", container="other")
    assert refused in event.entering(f"coder-{SEAT}", tty="true")
    assert "forbidden" in event.entering("coder-other", OTHER)
    assert "forbidden" in event.entering(f"coder-{SEAT}", account=SWITCH)


@pytest.mark.parametrize("account", [KEEPER, SWITCH], ids=["keeper", "switch"])
def test_only_our_pools_nodes_are_cordoned_and_ended(event: Event, account: str) -> None:
    cordon = {"spec": {"unschedulable": True}}
    assert patched(event, account, f"/api/v1/nodes/mine-{RUN}", cordon) == ""
    assert "of NodePool" in patched(event, account, f"/api/v1/nodes/foreign-{RUN}", cordon)
    tainted = {"spec": {"taints": [{"key": "a", "effect": "NoExecute"}]}}
    assert "spec.unschedulable and nothing else" in patched(event, account, f"/api/v1/nodes/mine-{RUN}", tainted)
    labelled = {"metadata": {"labels": {"karpenter.sh/nodepool": f"{POOL}-other"}}}
    assert "and nothing else" in patched(event, account, f"/api/v1/nodes/mine-{RUN}", labelled)
    assert said_to(event.api(account), "DELETE", f"{CLAIM}/mine-{RUN}") == ""
    assert "of NodePool" in said_to(event.api(account), "DELETE", f"{CLAIM}/foreign-{RUN}")
    assert "forbidden" in said_to(event.api(account), "DELETE", f"/api/v1/nodes/mine-{RUN}")


@pytest.mark.parametrize("account", [KEEPER, SWITCH], ids=["keeper", "switch"])
def test_a_pool_is_stopped_and_nothing_else_of_it_changes(event: Event, account: str) -> None:
    stopped = {
        "metadata": {"annotations": {"ai-coder-workshop/stopped": "october now"}},
        "spec": {"limits": {"cpu": "0"}},
    }
    assert patched(event, account, f"{POOLS}/{POOL}", stopped) == ""
    assert "must be 0" in patched(event, account, f"{POOLS}/{POOL}", {"spec": {"limits": {"cpu": "500"}}})
    assert "spec.limits and nothing else" in patched(event, account, f"{POOLS}/{POOL}", {"spec": {"weight": 7}})
    noted = {"metadata": {"annotations": {"theirs": "1"}}, "spec": {"limits": {"cpu": "0"}}}
    assert "and nothing else" in patched(event, account, f"{POOLS}/{POOL}", noted)
    assert "forbidden" in patched(event, account, f"{POOLS}/{POOL}-other", stopped)


def test_a_heartbeat_is_one_object_and_the_switch_only_reads_it(event: Event) -> None:
    with event.cluster(KEEPER) as cluster:
        cluster.renew(AT, Heartbeat(renewed_at=NOW, workspaces=(SEAT,)))
    with event.cluster(SWITCH) as cluster:
        assert cluster.heartbeat(AT) == Heartbeat(renewed_at=NOW, workspaces=(SEAT,))
        with pytest.raises(EventFailure, match="403"):
            cluster.renew(AT, Heartbeat(renewed_at=NOW))
    another = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "another", "namespace": AT}}
    with pytest.raises(ClusterRefusal, match="forbidden"):
        event.api(KEEPER).request(
            "PATCH",
            f"/api/v1/namespaces/{AT}/configmaps/another",
            another,
            content_type=APPLY,
            query={"fieldManager": "a"},
        )


def test_a_silent_keepers_nodes_end_by_the_switchs_own_rights(event: Event) -> None:
    event.store.create(pod(f"seat-{SEAT}", WORK, f"mine-{RUN}"), "tests")
    event.store.create(pod("stranger", WORK, f"shared-{RUN}"), "tests")
    with event.cluster(KEEPER) as cluster:
        cluster.renew(AT, Heartbeat(renewed_at=NOW - timedelta(minutes=16), workspaces=(SEAT,)))
    request = DeadManRequest(event="october", after=NOW - timedelta(hours=1), namespace=AT, node_pool=POOL)
    with event.cluster(SWITCH) as cluster:
        told = dead_man(request, cluster, NOW)

    assert told == (
        f"the keeper is silent: NodePool {POOL} is stopped, 1 node ended; shared-{RUN} stays: pods of others are on it"
    )
    claims = event.store.list(kind_of("karpenter.sh/v1", "NodeClaim"))
    left = {one["metadata"]["name"] for one in claims if RUN in one["metadata"]["name"]}
    assert left == {f"shared-{RUN}", f"foreign-{RUN}"}
