"""Nodes stand ready before people come, by the CronJob itself, the scheduler and Karpenter; then 20 people bind."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from tests.checks.world import World
from tests.clusters.nodes import (
    AT,
    EVENT,
    NODE,
    NODE_CLASS,
    OHIO,
    POD,
    POOL,
    eventually,
    instance_types,
    running,
    translate_pool,
    workspaces,
)
from tests.clusters.objects import CRON_JOB, DEPLOYMENT, namespace
from tests.end_to_end.sandbox import workshop
from tests.sandbox.servers_for_tests import environment_of, sandbox_paths
from workshop.checks.cluster.warm import WarmNodes
from workshop.model.names import WARM_NODES
from workshop.model.preflight.record import Result, Verdict
from workshop.model.settings.arrival import Arrival
from workshop.model.warm import WarmRequest
from workshop.sandbox import lifecycle as sandbox
from workshop.sandbox.clusters import lifecycle
from workshop.sandbox.clusters.api import Api
from workshop.sandbox.clusters.nodes import Nodes
from workshop.sandbox.clusters.running import api_servers
from workshop.sandbox.clusters.store import ApiServerStore
from workshop.sandbox.files import write_whole
from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.manifests.merging import Manifest
from workshop.sandbox.paths import SandboxPaths

pytestmark = [pytest.mark.clusters, pytest.mark.slow]

USERS, IN_OHIO = 40, 20
CLAIM = kind_of("karpenter.sh/v1", "NodeClaim")
IMAGE = f"ghcr.io/example/base@sha256:{7:064}"
ARRIVAL = {"images": [IMAGE]}


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> Generator[SandboxPaths]:
    """Ohio within the last hour before people come; its pool is translated for the kwok provider."""
    paths = sandbox_paths(tmp_path_factory.mktemp("warm"))
    catalogue = paths.folder / "instance-types.json"
    catalogue.write_text(json.dumps(instance_types("us-east-2")), encoding="utf-8")
    with environment_of(paths):
        sandbox.ensure_running(paths)
        try:
            # 1 GiB in 8 s
            nodes = Nodes(instance_types=catalogue, plain=2, images={IMAGE: 1}, pull_mib_per_second=128)
            with lifecycle.rehearsing(paths, {OHIO: nodes}, is_disposable=True):
                start = (datetime.now(UTC) + timedelta(minutes=50)).isoformat(timespec="minutes")
                window = {"start": start, "duration": "4h", "overrides": ["image-change"]}
                config = {
                    "workshop:users": str(USERS),
                    "workshop:window": json.dumps(window),
                    "workshop:arrival": json.dumps(ARRIVAL),
                }
                write_whole(paths.overrides, json.dumps({"sandbox": config}))
                ran = workshop(paths, "up")
                assert ran.exit_code == 0, (ran.document["error"], ran.document["violations"])
                api = Api(OHIO, api_servers(paths)[OHIO])
                api.request("POST", f"/apis/{NODE_CLASS['apiVersion']}/kwoknodeclasses", NODE_CLASS)
                store = ApiServerStore(api)
                store.create(namespace(AT), "tests")
                translate_pool(store, {"cpu": "512"}, consolidate_after="0s")  # the window's hold alone keeps nodes
                yield paths
        finally:
            sandbox.stop(paths)


@pytest.fixture
def store(paths: SandboxPaths) -> ApiServerStore:
    return ApiServerStore(Api(OHIO, api_servers(paths)[OHIO]), delete_seconds=30)


def planned(store: ApiServerStore) -> int:
    """Nodes, as the CronJob's request has them."""
    found = store.get(CRON_JOB, WARM_NODES, WARM_NODES)
    assert found is not None
    (container,) = found["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    return WarmRequest.model_validate_json(container["args"][1]).nodes


def warm_pods(store: ApiServerStore) -> list[Manifest]:
    """Those that hold nodes, not the CronJob's own."""
    return [one for one in store.list(POD, WARM_NODES) if one["spec"].get("priorityClassName") == WARM_NODES]


def ready_nodes(store: ApiServerStore) -> list[str]:
    return [
        node["metadata"]["name"]
        for node in store.list(NODE)
        if node["metadata"].get("labels", {}).get("karpenter.sh/nodepool") == POOL
        and any(
            one["type"] == "Ready" and one["status"] == "True" for one in node.get("status", {}).get("conditions", ())
        )
    ]


def placed(store: ApiServerStore) -> set[str]:
    """Names of pods that hold a node of Karpenter's, or held one; the CronJob's own are on plain ones."""
    scheduled = (event for event in store.list(EVENT, WARM_NODES) if event["reason"] == "Scheduled")
    return {event["involvedObject"]["name"] for event in scheduled if " to plain-" not in event["message"]}


def replicas(store: ApiServerStore) -> int:
    found = store.get(DEPLOYMENT, WARM_NODES, WARM_NODES)
    assert found is not None
    return found["spec"]["replicas"]


def is_held(store: ApiServerStore) -> bool:
    """Whether Karpenter has said that it would take an empty node but for a budget."""
    wanted = ("DisruptionBlocked", "No allowed disruptions for disruption reason Empty due to blocking budget")
    return any((event["reason"], event["message"]) == wanted for event in store.list(EVENT))


def _state(store: ApiServerStore) -> tuple[int, int, int]:
    """Nodes that are ready, and what of ours is left: replicas and pods."""
    return len(ready_nodes(store)), replicas(store), len(warm_pods(store))


def test_nodes_are_there_before_the_first_workspace_and_twenty_people_start_none(
    paths: SandboxPaths, store: ApiServerStore
) -> None:
    """A guest who comes early takes a pod's place, while images are pulled; its successor starts no node."""
    wanted = planned(store)
    # While nodes start a guest would have one started (docs/arrival.md). Events stay where pods are done already.
    eventually(lambda: len(placed(store)) == wanted, seconds=240)
    store.create(workspaces("early", 1), "tests")
    eventually(lambda: running(store, "early-", 1))
    with suppress(AssertionError):
        eventually(lambda: _state(store) == (wanted, 0, 0), seconds=480)
    assert _state(store) == (wanted, 0, 0)
    claims = {claim["metadata"]["name"] for claim in store.list(CLAIM)}
    assert len(claims) == wanted

    world = World(paths)
    world.settings = world.settings.model_copy(update={"users": USERS})
    world.settings = world.settings.model_copy(update={"arrival": Arrival.model_validate(ARRIVAL)})

    def seen() -> Result:
        return next(one for one in world.look(WarmNodes) if one.region == "us-east-2")

    # Kubelets report every ten seconds what images they have.
    with suppress(AssertionError):
        eventually(lambda: seen().verdict is Verdict.GO, seconds=30)
    assert seen().found.startswith(f"nodes warm {wanted} of {wanted}, images pulled {wanted} of {wanted}, ")
    pulled = [event for event in store.list(EVENT, WARM_NODES) if event["reason"] == "Pulled"]
    assert pulled
    assert all(f'Successfully pulled image "{IMAGE}"' in event["message"] for event in pulled)

    eventually(lambda: is_held(store), seconds=60)  # it looks every ten seconds
    store.create(workspaces("people", IN_OHIO - 1), "tests")
    eventually(lambda: running(store, "people-", IN_OHIO - 1), seconds=120)
    assert {claim["metadata"]["name"] for claim in store.list(CLAIM)} == claims


def test_the_gate_is_all_that_the_cron_job_may_take_from_a_pod(store: ApiServerStore) -> None:
    """Declared with its rights; tests/components/test_cel.py reads its expression."""
    found = store.get(
        kind_of("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy"), None, f"{WARM_NODES}-open"
    )
    assert found is not None
    assert not found["status"].get("typeChecking", {}).get("expressionWarnings")
