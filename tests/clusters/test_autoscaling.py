"""A queue of 30 builds scales provisioners up and down: Kubernetes' own autoscaler, our exporter, KEDA as documented.

Faster by 60 are the autoscaler's time-outs, of ten minutes; it looks every 3 seconds, not 15 (the sandbox's clusters).
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from components.queue_scaling import QueueScaling
from tests.clusters.keda import Keda, metrics_server
from tests.clusters.nodes import OHIO, POD, eventually
from tests.clusters.objects import DEPLOYMENT
from tests.components.declared import children_of, declared
from tests.components.examples import EXAMPLES
from tests.exporter.test_exporter import Answers, exporting, job
from tests.sandbox.servers_for_tests import environment_of, sandbox_paths
from workshop.model.names import QUEUE_SCALER
from workshop.sandbox import lifecycle as sandbox
from workshop.sandbox.clusters import lifecycle
from workshop.sandbox.clusters.api import Api
from workshop.sandbox.clusters.nodes import Nodes
from workshop.sandbox.clusters.running import api_servers
from workshop.sandbox.clusters.store import ApiServerStore
from workshop.sandbox.json_values import Json, is_list, is_mapping
from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.manifests.merging import ClusterRefusal, Manifest

pytestmark = [pytest.mark.clusters, pytest.mark.slow]

NAMESPACE, PROVISIONER, REGION = "coder-ws", "coder-provisioner", "us-east-2"
BASELINE, FLOOR = 6, 12
AUTOSCALER = kind_of("autoscaling/v2", "HorizontalPodAutoscaler")


@dataclass
class Followed:
    """coder: whose queue it is; keda: what scales by it."""

    coder: Answers
    keda: Keda

    def queue(self, pending: int, running: int) -> None:
        self.coder.jobs = [
            job(number, "pending" if number < pending else "running", region=REGION)
            for number in range(pending + running)
        ]


@pytest.fixture(scope="module")
def ohio(tmp_path_factory: pytest.TempPathFactory) -> Generator[Api]:
    """Ohio's API server with the platform as it stands, and nodes for its pods."""
    paths = sandbox_paths(tmp_path_factory.mktemp("autoscaling"))
    with environment_of(paths):
        sandbox.ensure_running(paths)
        try:
            with lifecycle.rehearsing(paths, {OHIO: Nodes(plain=2)}, is_disposable=True):
                yield Api(OHIO, api_servers(paths)[OHIO])
        finally:
            sandbox.stop(paths)


@pytest.fixture
def store(ohio: Api) -> ApiServerStore:
    return ApiServerStore(ohio, delete_seconds=30)


def declared_object(least: int) -> Manifest:
    """What the component declares, with another floor."""
    example = next(one for one in EXAMPLES if one.kind is QueueScaling)
    (child,) = children_of(declared(example))
    inputs: Manifest = {"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", **child.inputs}
    return {**inputs, "spec": _whole({**inputs["spec"], "minReplicaCount": least})}


def _whole(value: Json) -> Json:
    """Pulumi sends 3 as 3.0."""
    if is_mapping(value):
        return {key: _whole(item) for key, item in value.items()}
    if is_list(value):
        return [_whole(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


@pytest.fixture
def followed(ohio: Api, store: ApiServerStore, tmp_path: Path) -> Generator[Followed]:
    coder = Answers()
    with coder.client() as client, exporting(client) as exporter:
        store.apply(declared_object(BASELINE), "pulumi", force=True)
        keda = Keda(store=store, namespace=NAMESPACE, name=QUEUE_SCALER, exporter=exporter, faster=60)
        keda.reconcile()
        with metrics_server(keda, ohio, tmp_path):
            yield Followed(coder=coder, keda=keda)


def pods(store: ApiServerStore) -> list[Manifest]:
    return [one for one in store.list(POD, NAMESPACE) if one["metadata"]["name"].startswith(PROVISIONER)]


def replicas(followed: Followed, count: int) -> bool:
    return followed.keda.replicas() == count


def test_a_scaled_object_of_another_shape_is_refused_by_its_definition(store: ApiServerStore) -> None:
    wrong = declared_object(BASELINE)
    wrong["spec"]["fallback"]["behavior"] = "asBefore"
    with pytest.raises(ClusterRefusal, match="asBefore"):
        store.apply(wrong, "pulumi", force=True)


def test_a_queue_of_30_builds_scales_provisioners_up_and_down(store: ApiServerStore, followed: Followed) -> None:
    assert followed.keda.replicas() == BASELINE
    autoscaler = eventually(lambda: _looked_at(store))
    assert autoscaler["spec"]["minReplicas"] == BASELINE

    followed.queue(pending=30, running=0)
    eventually(lambda: replicas(followed, 33))
    eventually(lambda: len([one for one in pods(store) if one["status"].get("phase") == "Running"]) == 33)
    followed.queue(pending=0, running=30)
    looks = len(followed.keda.values)
    eventually(lambda: len(followed.keda.values) > looks + 3)
    assert followed.keda.replicas() == 33

    followed.coder.jobs = httpx.ConnectError("refused")
    exporter, followed.keda.exporter = followed.keda.exporter, "http://127.0.0.1:9"
    eventually(lambda: followed.keda.failures > 5)
    assert followed.keda.replicas() == 33
    followed.keda.exporter = exporter

    followed.queue(pending=0, running=0)
    eventually(lambda: replicas(followed, BASELINE))
    # Whoever is to go may finish what it builds: the kubelet ends it at once here, since nothing runs in it.
    assert {one["spec"]["terminationGracePeriodSeconds"] for one in pods(store)} == {600}
    eventually(lambda: len(pods(store)) == BASELINE)


def test_the_floor_holds_while_nobody_answers_and_is_given_back(store: ApiServerStore, followed: Followed) -> None:
    followed.keda.exporter = "http://127.0.0.1:9"
    store.apply(declared_object(FLOOR), "pulumi", force=True)
    followed.keda.reconcile()
    eventually(lambda: replicas(followed, FLOOR))
    found = store.get(DEPLOYMENT, NAMESPACE, PROVISIONER)
    assert found is not None
    assert found["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] == 600


def _looked_at(store: ApiServerStore) -> Manifest | None:
    """The autoscaler, once it has read a metric."""
    found = store.get(AUTOSCALER, NAMESPACE, f"keda-hpa-{QUEUE_SCALER}")
    assert found is not None
    conditions = {one["type"]: one["reason"] for one in found.get("status", {}).get("conditions") or ()}
    return found if conditions.get("ScalingActive") == "ValidMetricFound" else None
