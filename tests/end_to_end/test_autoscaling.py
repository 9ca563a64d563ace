"""Provisioners that follow the queue, by the command: floor in the window, given back, never below the baseline."""

from __future__ import annotations

import json
from collections.abc import Generator
from datetime import UTC, datetime, timedelta

import pytest

from tests.end_to_end.rotation import LONG_AGO, ended_well, fire_switch
from tests.end_to_end.sandbox import REGIONS, Ran, workshop
from tests.sandbox.servers_for_tests import running
from workshop.model.names import EXPORTER, QUEUE_SCALER
from workshop.sandbox.files import write_whole
from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.manifests.merging import Manifest
from workshop.sandbox.manifests.store import ManifestStore
from workshop.sandbox.paths import SandboxPaths

pytestmark = pytest.mark.slow

BASELINE, FLOOR, CEILING = 6, 12, 20
DEFINITION = kind_of("apiextensions.k8s.io/v1", "CustomResourceDefinition")


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Generator[SandboxPaths]:
    with running(tmp_path_factory.mktemp("autoscaling")) as paths:
        yield paths


def stores(paths: SandboxPaths) -> dict[str, ManifestStore]:
    return {context: ManifestStore(paths.clusters / context) for context in REGIONS.values()}


def follow(paths: SandboxPaths, *, enabled: bool, starts_in: timedelta = timedelta(hours=5)) -> None:
    """In the window's preparation, unless it starts later."""
    start = (datetime.now(UTC) + starts_in).isoformat(timespec="minutes")
    config = {"workshop:users": "20", "workshop:window": json.dumps({"start": start, "duration": "4h"})}
    config["workshop:autoscaling"] = json.dumps({"enabled": enabled})
    write_whole(paths.overrides, json.dumps({"sandbox": config}))


def provisioners(paths: SandboxPaths) -> list[int]:
    """How many of the default organization's run in each region."""
    found = (
        one.get(kind_of("apps/v1", "Deployment"), "coder-ws", "coder-provisioner") for one in stores(paths).values()
    )
    return [one["spec"]["replicas"] for one in found if one is not None]


def scaled_objects(paths: SandboxPaths) -> list[Manifest]:
    found = (
        one.get(kind_of("keda.sh/v1alpha1", "ScaledObject"), "coder-ws", QUEUE_SCALER) for one in stores(paths).values()
    )
    return [one for one in found if one is not None]


def done(ran: Ran) -> Ran:
    assert ran.exit_code == 0, (ran.document["error"], ran.document["violations"])
    return ran


def refused(paths: SandboxPaths) -> list[tuple[str, str]]:
    """Rules that refuse an `up`, and what they say."""
    ran = workshop(paths, "up")
    assert ran.exit_code == 1
    return [(one["policy"], one["message"]) for one in ran.document["violations"] if one["is_mandatory"]]


def test_from_the_baseline_to_the_floor_and_back_with_nothing_taken_away(sandbox: SandboxPaths) -> None:
    follow(sandbox, enabled=False, starts_in=timedelta(days=7))
    done(workshop(sandbox, "up"))
    assert provisioners(sandbox) == [BASELINE] * 3
    # The patches of their numbers go, which stack policies are still handed (docs/real-cli.md).
    follow(sandbox, enabled=True)
    done(workshop(sandbox, "up"))
    assert provisioners(sandbox) == [FLOOR] * 3
    assert [(one["spec"]["minReplicaCount"], one["spec"]["maxReplicaCount"]) for one in scaled_objects(sandbox)] == [
        (FLOOR, CEILING)
    ] * 3

    # The queue grows: Kubernetes' autoscaler writes the number, which the next `up` leaves alone.
    ohio, oregon, _ = stores(sandbox).values()
    metadata = {"namespace": "coder-ws", "name": "coder-provisioner"}
    identity = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata}
    ohio.apply({**identity, "spec": {"replicas": 17}}, "kube-controller-manager", force=True)
    assert done(workshop(sandbox, "up")).changed == frozenset()
    assert provisioners(sandbox) == [17, FLOOR, FLOOR]

    # Nobody runs `up` after the window: the auto-resume CronJobs lower the floor, in each cluster.
    for context, store in stores(sandbox).items():
        assert ended_well(fire_switch(sandbox, context, store, LONG_AGO))
    assert [one["spec"]["minReplicaCount"] for one in scaled_objects(sandbox)] == [BASELINE] * 3

    # While more run than the plan has, a fixed number would take builds away; without KEDA nothing would scale.
    follow(sandbox, enabled=False)
    assert [rule for rule, _ in refused(sandbox)] == ["rules/scale-down"]
    follow(sandbox, enabled=True)
    definition = oregon.get(DEFINITION, None, "scaledobjects.keda.sh")
    assert definition is not None
    oregon.delete(DEFINITION, None, "scaledobjects.keda.sh")
    ((rule, message),) = refused(sandbox)
    assert (rule, message.partition(":")[0]) == ("rules/queue-scaling", "KEDA in us-west-2")
    assert "helm --kube-context coder-oregon upgrade --install keda keda" in message

    # In the window `up` takes the floor back, though another manager has it, and makes anew what went with KEDA.
    oregon.create(definition, "helm")
    done(workshop(sandbox, "up"))
    assert [one["spec"]["minReplicaCount"] for one in scaled_objects(sandbox)] == [FLOOR] * 3

    before = provisioners(sandbox)
    done(workshop(sandbox, "destroy"))
    assert scaled_objects(sandbox) == []
    assert provisioners(sandbox) == before == [17, FLOOR, FLOOR]
    namespaces = [one.get(kind_of("v1", "Namespace"), None, EXPORTER) for one in stores(sandbox).values()]
    assert namespaces == [None] * 3
