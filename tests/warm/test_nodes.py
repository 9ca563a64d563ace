"""up: as many nodes as are planned and never more, whoever comes early and whatever is killed; then nothing is left."""

from __future__ import annotations

import json
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.sandbox.servers_for_tests import running
from tests.warm.world import BOOT, NODE, PULL, World
from workshop.model.names import NODE_POOL, WARM_GATE, WARM_NODES
from workshop.model.warm import WarmRequest
from workshop.sandbox.files import write_whole
from workshop.sandbox.manifests.store import ManifestStore
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.pods.kubelet import folder_token
from workshop.warm.__main__ import main
from workshop.warm.cluster import Cluster
from workshop.warm.failure import WarmFailure
from workshop.warm.nodes import PATIENCE, SETTLED, look, up

BEGINS = datetime(2026, 10, 2, 10, tzinfo=UTC)
ENDS = BEGINS + timedelta(minutes=75)
REQUEST = WarmRequest(begins=BEGINS, ends=ENDS, nodes=3, node_pool=NODE_POOL, deployment=WARM_NODES)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Generator[SandboxPaths]:
    with running(tmp_path_factory.mktemp("sandbox")) as paths:
        yield paths


@pytest.fixture
def world(
    sandbox: SandboxPaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> World:
    """A cluster of its own for every test."""
    context = f"warm-{abs(hash(request.node.name))}"
    store = ManifestStore(sandbox.clusters / context)
    kubeconfig = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": sandbox.cluster_endpoint(context)}}],
        "users": [{"name": "u", "user": {"token": folder_token(sandbox)}}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "x",
    }
    write_whole(tmp_path / "kubeconfig", yaml.safe_dump(kubeconfig))
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
    monkeypatch.setenv("NO_PROXY", "*")
    world = World(store, BEGINS)
    world.declare()
    return world


def run(world: World) -> str:
    """A whole run; it looks less often than it asks to, which takes less of the machine's time."""
    with Cluster() as cluster:
        return up(REQUEST, cluster, world.clock, lambda seconds: world.wait(5 * seconds))


def test_nothing_happens_before_its_time(world: World) -> None:
    world.now = BEGINS - timedelta(seconds=1)
    assert "nothing to do" in run(world)
    assert (world.replicas(), world.launched) == (0, 0)


def test_a_year_later_nothing_happens_either(world: World) -> None:
    world.now = BEGINS + timedelta(days=365)
    assert "nothing of it is left" in run(world)
    assert (world.replicas(), world.launched) == (0, 0)


def test_nodes_are_started_pull_images_and_make_room(world: World) -> None:
    assert run(world) == "nodes warm 3 of 3, images pulled in 120 s at most"
    world.play()
    assert (world.launched, world.replicas(), world.pods()) == (3, 0, [])
    assert BOOT + PULL <= world.now - BEGINS < BOOT + PULL + timedelta(seconds=30)


def test_the_next_runs_leave_it_at_that(world: World) -> None:
    run(world)
    for _ in range(3):
        world.wait(20)
        assert run(world).startswith("nodes warm 3 of 3")
    world.play()
    assert (world.launched, world.replicas()) == (3, 0)


def test_nodes_that_were_ready_a_moment_ago_count_once_they_have_made_room(world: World) -> None:
    world.pull_time = timedelta(0)  # no images are named
    assert run(world).startswith("nodes warm 3 of 3")
    world.play()
    ready = look(REQUEST, world.store.list(NODE), world.pods(), world.now)
    assert (ready.missing, ready.ready) == (0, 0)
    assert run(world).startswith("nodes warm 3 of 3")
    assert (world.launched, world.replicas()) == (3, 0)


@pytest.mark.parametrize("seconds", [0, 1, 30, 61, 100, 170])
def test_a_run_that_is_killed_is_gone_on_with(world: World, seconds: int) -> None:
    class Killed(Exception):
        """As by a lost node."""

    def wait(asked: float) -> None:
        if world.now - BEGINS >= timedelta(seconds=seconds):
            raise Killed
        world.wait(5 * asked)

    with pytest.raises(Killed), Cluster() as cluster:
        up(REQUEST, cluster, world.clock, wait)
    world.wait(60)
    assert run(world).startswith("nodes warm 3 of 3")
    world.play()
    assert (world.launched, world.replicas()) == (3, 0)


def test_guests_nodes_count_among_the_planned(world: World) -> None:
    for _ in range(2):
        world.guests.add(world.start_node(ready_at=BEGINS - timedelta(hours=1)))
    assert run(world).startswith("nodes warm 3 of 3")
    assert world.launched == 3


def test_more_guests_than_planned_start_nothing_more(world: World) -> None:
    for _ in range(4):
        world.guests.add(world.start_node(ready_at=BEGINS - timedelta(hours=1)))
    assert run(world).startswith("nodes warm 3 of 3")
    assert (world.launched, world.replicas()) == (4, 0)


@pytest.mark.parametrize("after", [timedelta(seconds=10), SETTLED + timedelta(seconds=20)], ids=["at once", "later"])
def test_a_guest_who_takes_a_pods_place_leaves_its_successor_nothing_to_start(world: World, after: timedelta) -> None:
    """However fast Karpenter is: the successor is behind the gate."""

    def wait(seconds: float) -> None:
        world.wait(seconds)
        if not world.guests and world.now - BEGINS > BOOT + after:
            world.come_early("node-3")
            world.play()

    with Cluster() as cluster:
        assert up(REQUEST, cluster, world.clock, wait).startswith("nodes warm 3 of 3")
    assert world.guests
    assert (world.launched, world.replicas()) == (3, 0)


def test_a_node_that_is_lost_before_people_come_is_started_anew(world: World) -> None:
    run(world)
    world.lose(world.nodes()[0])
    world.wait(60)
    assert run(world).startswith("nodes warm 3 of 3")
    assert world.launched == 4


def test_images_that_cannot_be_pulled_are_named_and_the_next_run_tries_again(world: World) -> None:
    world.pulls = False
    with pytest.raises(WarmFailure, match=r"nodes warm 0 of 3: base-ws: ImagePullBackOff: correct workshop:arrival.im"):
        run(world)
    assert PATIENCE <= world.now - BEGINS < PATIENCE + timedelta(seconds=20)
    world.pulls = True
    assert run(world).startswith("nodes warm 3 of 3")


def test_at_the_end_nothing_is_left_ready_or_not(world: World) -> None:
    world.pulls = False
    world.now = ENDS - timedelta(minutes=3)
    assert run(world) == f"over since {ENDS}: nothing of it is left"
    world.play()
    assert (world.replicas(), world.pods()) == (0, [])


@pytest.mark.parametrize(
    ("ready_for", "waits", "missing"),
    [(59, True, 3), (60, True, 2), (59, False, 2), (None, True, 3), (None, False, 2)],
)
def test_a_new_node_waits_for_the_pod_that_started_it_for_a_minute(
    ready_for: int | None, waits: bool, missing: int
) -> None:
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": f"{WARM_NODES}-5d", "controller": True}
    metadata = {"name": f"{WARM_NODES}-5d-1", "namespace": WARM_NODES, "ownerReferences": [owner]}
    since = (BEGINS - timedelta(seconds=ready_for or 0)).isoformat()
    status = {"type": "Ready", "status": str(ready_for is not None), "lastTransitionTime": since}
    node = {"metadata": {"name": "a"}, "status": {"conditions": [status]}}
    assert look(REQUEST, [node], [{"metadata": metadata, "spec": {}}] * waits, BEGINS).missing == missing


def test_pods_of_others_in_the_namespace_do_not_count() -> None:
    other = {"metadata": {"name": f"{WARM_NODES}-5d-1", "namespace": WARM_NODES}, "spec": {"nodeName": "a"}}
    assert look(REQUEST, [], [other], BEGINS).ready == 0


def test_the_entry_point_says_in_a_line_what_it_did(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["up", REQUEST.model_copy(update={"begins": BEGINS.replace(year=2099), "ends": BEGINS}).text()]) == 0
    assert "2099-10-02 10:00:00+00:00 on: nothing to do" in capsys.readouterr().out
    assert main(["up", json.dumps({"nodes": 3})]) == 2
    assert "the request can't be read: begins, ends" in capsys.readouterr().err
    assert main(["up"]) == 2
    assert capsys.readouterr().err == "usage: python -m workshop.warm up|place|stay REQUEST\n"


def test_an_api_that_refuses_is_named(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    gone = REQUEST.model_copy(update={"deployment": "another", "ends": BEGINS})
    assert main(["up", gone.text()]) == 1
    assert capsys.readouterr().err.startswith("Deployment another/another: the API server answered 404")


@pytest.mark.parametrize(
    ("nodes", "waiting", "bound", "gated", "expected"),
    [
        (0, 0, 0, 3, 3),
        (0, 2, 0, 1, 1),
        (2, 0, 2, 1, 1),
        (2, 1, 2, 1, 0),  # the third is on its way
        (2, 1, 1, 1, 0),  # a guest took one's place; its successor is not to start a fourth
        (3, 0, 2, 1, 0),
        (4, 0, 0, 3, 0),
        (0, 3, 0, 1, 0),
    ],
)
def test_nodes_and_pods_that_wait_for_one_are_together_never_more_than_planned(
    nodes: int, waiting: int, bound: int, gated: int, expected: int
) -> None:
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": f"{WARM_NODES}-5d", "controller": True}
    behind_gate: dict[str, Any] = {"schedulingGates": [{"name": WARM_GATE}]}
    anywhere: dict[str, Any] = {}
    on_nodes = [{"nodeName": f"node-{number}"} for number in range(bound)]
    specs = [*[anywhere] * waiting, *on_nodes, *[behind_gate] * gated]
    pods = [
        {
            "metadata": {"name": f"{WARM_NODES}-5d-{n}", "namespace": WARM_NODES, "ownerReferences": [owner]},
            "spec": spec,
        }
        for n, spec in enumerate(specs)
    ]
    status = {"conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": BEGINS.isoformat()}]}
    found = [{"metadata": {"name": f"node-{number}"}, "status": status} for number in range(nodes)]
    assert len(look(REQUEST, found, pods, BEGINS).let_through) == expected
