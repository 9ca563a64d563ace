"""dead-man: nothing while the keeper lives or before its time; then the pool is stopped, and our nodes alone end."""

from __future__ import annotations

from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from tests.sandbox.servers_for_tests import running
from workshop.event.__main__ import main
from workshop.event.dead_man import dead_man
from workshop.event.failure import EventFailure
from workshop.event.systems.cluster import Cluster, has_workspace
from workshop.model.event.dead_man import HEARTBEAT, SILENCE, DeadManRequest, Heartbeat
from workshop.model.names import EVENT_NAMESPACE, NODE_POOL, STOPPED_ANNOTATION, WARM_NODES
from workshop.sandbox.files import write_whole
from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.manifests.merging import Manifest
from workshop.sandbox.manifests.store import ManifestStore
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.pods.kubelet import folder_token

CONTEXT = "coder-oregon"
OVER = datetime(2026, 10, 2, 22, 30, tzinfo=UTC)
LATER = OVER + timedelta(hours=1)
REQUEST = DeadManRequest(event="october", after=OVER, namespace=EVENT_NAMESPACE, node_pool=NODE_POOL)
SEAT, STRANGER = "6c1e6b5a-0000-4000-8000-000000000001", "6c1e6b5a-0000-4000-8000-00000000000f"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Generator[SandboxPaths]:
    with running(tmp_path_factory.mktemp("sandbox")) as paths:
        yield paths


@pytest.fixture
def store(sandbox: SandboxPaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[ManifestStore]:
    """The cluster with our pool and two of its nodes: one of a seat, one that a stranger shares with a seat."""
    kubeconfig = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": sandbox.cluster_endpoint(CONTEXT)}}],
        "users": [{"name": "u", "user": {"token": folder_token(sandbox)}}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "x",
    }
    write_whole(tmp_path / "kubeconfig", yaml.safe_dump(kubeconfig))
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
    monkeypatch.setenv("NO_PROXY", "*")
    store = ManifestStore(sandbox.clusters / CONTEXT)
    before = {(kind, one["metadata"].get("namespace"), one["metadata"]["name"]) for kind, one in everything(store)}
    create(store, "v1", "Namespace", EVENT_NAMESPACE)
    create(store, "karpenter.sh/v1", "NodePool", NODE_POOL, spec={"limits": {"cpu": "80", "memory": "320Gi"}})
    for node in ("mine", "shared"):
        node_with_claim(store, node)
    pod(store, f"coder-{SEAT}", "mine", {"com.coder.workspace.id": SEAT})
    pod(store, f"coder-{SEAT}-2", "shared", {})
    pod(store, f"coder-{STRANGER}", "shared", {})
    yield store
    for kind, one in everything(store):
        key = (kind, one["metadata"].get("namespace"), one["metadata"]["name"])
        if key not in before:
            store.delete(kind_of(*kind), key[1], key[2])


def everything(store: ManifestStore) -> list[tuple[tuple[str, str], Manifest]]:
    kinds = (("v1", "Pod"), ("v1", "Node"), ("v1", "ConfigMap"), ("v1", "Namespace"))
    karpenter = tuple(("karpenter.sh/v1", kind) for kind in ("NodeClaim", "NodePool"))
    return [(kind, one) for kind in (*kinds, *karpenter) for one in store.list(kind_of(*kind))]


def create(store: ManifestStore, api_version: str, kind: str, name: str, **rest: object) -> None:
    store.create({"apiVersion": api_version, "kind": kind, "metadata": {"name": name}, **rest}, "test")


def node_with_claim(store: ManifestStore, name: str, node_pool: str = NODE_POOL) -> None:
    metadata = {"name": name, "labels": {"karpenter.sh/nodepool": node_pool}}
    store.create({"apiVersion": "v1", "kind": "Node", "metadata": metadata, "spec": {}}, "karpenter")
    claim: Manifest = {"apiVersion": "karpenter.sh/v1", "kind": "NodeClaim", "metadata": metadata, "spec": {}}
    store.create({**claim, "status": {"nodeName": name}}, "karpenter")


def pod(store: ManifestStore, name: str, node: str, labels: dict[str, str], **metadata: object) -> None:
    manifest: Manifest = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "coder-ws", "labels": labels, **metadata},
        "spec": {"nodeName": node, "containers": [{"name": "dev", "image": "base-ws"}]},
        "status": {"phase": "Running"},
    }
    store.create(manifest, "test")


def beat(when: datetime, *workspaces: str) -> None:
    with Cluster() as cluster:
        cluster.renew(EVENT_NAMESPACE, Heartbeat(renewed_at=when, workspaces=workspaces))


def run(now: datetime = LATER) -> str:
    with Cluster() as cluster:
        return dead_man(REQUEST, cluster, now)


def limit(store: ManifestStore) -> str:
    found = store.get(kind_of("karpenter.sh/v1", "NodePool"), None, NODE_POOL)
    assert found is not None
    return str(found["spec"]["limits"]["cpu"])


def claims(store: ManifestStore) -> list[str]:
    return sorted(one["metadata"]["name"] for one in store.list(kind_of("karpenter.sh/v1", "NodeClaim")))


def is_cordoned(store: ManifestStore, node: str) -> bool:
    found = store.get(kind_of("v1", "Node"), None, node)
    assert found is not None
    return bool(found["spec"].get("unschedulable"))


def test_nothing_happens_before_its_time_though_the_keeper_is_silent(store: ManifestStore) -> None:
    assert "nothing to do" in run(OVER - timedelta(seconds=1))
    assert (limit(store), claims(store)) == ("80", ["mine", "shared"])


@pytest.mark.parametrize("age", [timedelta(0), SILENCE, -SILENCE])
def test_nothing_happens_while_the_keeper_lives(store: ManifestStore, age: timedelta) -> None:
    beat(LATER - age, SEAT)

    assert run() == "the keeper lives: nothing to do"
    assert (limit(store), claims(store)) == ("80", ["mine", "shared"])


@pytest.mark.parametrize("age", [SILENCE + timedelta(seconds=1), -timedelta(days=1)])
def test_a_silent_keepers_nodes_are_ended_and_strangers_stay(store: ManifestStore, age: timedelta) -> None:
    beat(LATER - age, SEAT)

    assert run() == (
        "the keeper is silent: NodePool workshop-workspaces is stopped, 1 node ended; "
        "shared stays: pods of others are on it"
    )
    assert (limit(store), claims(store)) == ("0", ["shared"])
    assert is_cordoned(store, "mine")
    assert is_cordoned(store, "shared")
    found = store.get(kind_of("karpenter.sh/v1", "NodePool"), None, NODE_POOL)
    assert found is not None
    assert found["metadata"]["annotations"][STOPPED_ANNOTATION] == "october 2026-10-02T23:30:00+00:00"
    assert found["spec"]["limits"]["memory"] == "320Gi"


def test_it_may_be_repeated_and_says_when_it_stopped_the_pool_first(store: ManifestStore) -> None:
    beat(OVER, SEAT)
    run()
    first = store.get(kind_of("karpenter.sh/v1", "NodePool"), None, NODE_POOL)

    assert "0 nodes ended" in run(LATER + timedelta(minutes=5))
    assert store.get(kind_of("karpenter.sh/v1", "NodePool"), None, NODE_POOL) == first


@pytest.mark.parametrize("held", [None, "", "{}", '{"renewed_at": "yesterday"}', '{"renewed_at": 1}'])
def test_without_a_heartbeat_every_pod_is_a_strangers(store: ManifestStore, held: str | None) -> None:
    node_with_claim(store, "empty")
    if held is not None:
        metadata = {"name": HEARTBEAT, "namespace": EVENT_NAMESPACE}
        store.create(
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"heartbeat": held}}, "test"
        )

    run()
    assert (limit(store), claims(store)) == ("0", ["mine", "shared"])


def test_daemon_sets_what_holds_nodes_finished_pods_and_other_pools_do_not_matter(store: ManifestStore) -> None:
    beat(OVER, SEAT)
    node_with_claim(store, "other", "coder-ws-all")
    owner = {"apiVersion": "apps/v1", "kind": "DaemonSet", "name": "cni", "uid": "1", "controller": True}
    pod(store, "cni", "mine", {}, ownerReferences=[owner])
    create(store, "v1", "Namespace", WARM_NODES)
    warm = {**owner, "kind": "ReplicaSet", "name": f"{WARM_NODES}-5d"}
    pod(store, f"{WARM_NODES}-5d-x", "mine", {}, namespace=WARM_NODES, ownerReferences=[warm])
    pod(store, "done", "mine", {})
    done = store.get(kind_of("v1", "Pod"), "coder-ws", "done")
    assert done is not None
    store.set_status({**done, "status": {"phase": "Succeeded"}}, "test")

    run()
    assert claims(store) == ["other", "shared"]


def test_a_pod_on_no_node_yet_holds_none(store: ManifestStore) -> None:
    beat(OVER, SEAT)
    store.delete(kind_of("v1", "Pod"), "coder-ws", f"coder-{STRANGER}")
    waiting: Manifest = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "waits", "namespace": "coder-ws"}}
    store.create({**waiting, "spec": {"containers": []}, "status": {"phase": "Pending"}}, "test")
    store.create(
        {
            "apiVersion": "karpenter.sh/v1",
            "kind": "NodeClaim",
            "metadata": {"name": "starting", "labels": {"karpenter.sh/nodepool": NODE_POOL}},
            "spec": {},
        },
        "karpenter",
    )

    run()
    assert claims(store) == []


def test_a_claim_that_can_not_be_deleted_does_not_keep_the_others(
    store: ManifestStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    beat(OVER, SEAT, STRANGER)
    with Cluster() as cluster:
        delete = cluster.delete_claim

        def refused(claim: str) -> None:
            if claim == "mine":
                raise EventFailure("NodeClaim mine: the API server answered 403, Forbidden")
            delete(claim)

        monkeypatch.setattr(cluster, "delete_claim", refused)
        with pytest.raises(EventFailure, match="answered 403, Forbidden: tried again at the next run"):
            dead_man(REQUEST, cluster, LATER)
    assert claims(store) == ["mine"]


def test_a_label_says_more_than_a_name() -> None:
    seats = frozenset({SEAT})
    named = {"metadata": {"name": f"coder-{SEAT}-6f7"}}
    assert has_workspace(named, seats)
    assert not has_workspace(named, frozenset())
    labelled = {"metadata": {"name": f"coder-{SEAT}", "labels": {"com.coder.workspace.id": STRANGER}}}
    assert not has_workspace(labelled, seats)


def test_as_its_cron_job_runs_it(store: ManifestStore, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dead-man", REQUEST.text()]) == 0
    assert capsys.readouterr().out.startswith("the event may last" if datetime.now(UTC) < OVER else "the keeper is")
    assert main(["dead-man", '{"after": "secret"}']) == 2
    assert "image and program are of different versions" in capsys.readouterr().err
    assert main(["dance", "{}"]) == 2
    assert "usage: python -m workshop.event keep|keep-once|door|dead-man REQUEST" in capsys.readouterr().err


def test_a_cluster_that_is_away_is_named_and_its_answer_is_not(
    store: ManifestStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (tmp_path / "kubeconfig").read_text().replace("127.0.0.1", "127.0.0.2")
    write_whole(tmp_path / "kubeconfig", text)
    past = REQUEST.model_copy(update={"after": datetime(2020, 1, 1, tzinfo=UTC)})

    assert main(["dead-man", past.text()]) == 1
    assert "the API server did not answer: ConnectError" in capsys.readouterr().err
