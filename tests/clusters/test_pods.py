"""Deployments on real API servers have pods that run; nobody else's pods are touched."""

from __future__ import annotations

import time
import uuid

import pytest

from tests.clusters.objects import DEPLOYMENT, NAMESPACE, cron_job, deployment, namespace, patch
from workshop.sandbox.clusters.rollouts import is_rolled_out
from workshop.sandbox.clusters.store import ApiServerStore
from workshop.sandbox.json_values import Json
from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.manifests.merging import Manifest

pytestmark = pytest.mark.clusters

POD = kind_of("v1", "Pod")
JOB = kind_of("batch/v1", "Job")


@pytest.fixture
def at(store: ApiServerStore) -> str:
    """A namespace of the test's own, with the account that pods need."""
    name = f"pods-{uuid.uuid4().hex[:6]}"
    store.create(namespace(name), "tests")
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "tests", "namespace": name}}
    store.create(account, "tests")
    return name


def with_account(name: str, replicas: int, at: str, account: str = "tests") -> Manifest:
    made = deployment(name, replicas=replicas, at=at)
    made["spec"]["template"]["spec"]["serviceAccountName"] = account
    return made


def await_rollout(store: ApiServerStore, name: str, at: str) -> None:
    deadline = time.monotonic() + 30
    while not is_rolled_out(present(store, name, at)):
        assert time.monotonic() < deadline, present(store, name, at)


def present(store: ApiServerStore, name: str, at: str) -> Manifest:
    found = store.get(DEPLOYMENT, at, name)
    assert found is not None
    return found


def test_a_deployment_has_its_pods_and_as_many_as_it_asks_for(store: ApiServerStore, at: str) -> None:
    store.create(with_account("scaled", 3, at), "tests")
    await_rollout(store, "scaled", at)
    assert {pod["status"]["phase"] for pod in store.list(POD, at)} == {"Running"}
    store.apply(patch("scaled", {"replicas": 1}, at=at), "somebody", force=True)
    await_rollout(store, "scaled", at)
    (left,) = (pod for pod in store.list(POD, at) if not pod["metadata"].get("deletionTimestamp"))
    (container,) = left["status"]["containerStatuses"]
    assert (container["ready"], container["imageID"]) == (True, "ghcr.io/coder/coder:v2.25.1")
    store.delete(NAMESPACE, None, at)
    assert store.list(POD, at) == []


def test_pods_of_no_deployment_are_left_as_they_are(store: ApiServerStore, at: str) -> None:
    alone: Manifest = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "alone", "namespace": at},
        "spec": {"serviceAccountName": "tests", "containers": [{"name": "main", "image": "example/dev:1"}]},
    }
    store.create(alone, "tests")
    store.create(with_account("later", 1, at), "tests")
    await_rollout(store, "later", at)
    found = store.get(POD, at, "alone")
    assert found is not None
    assert found["status"]["phase"] == "Pending"


def test_a_deployment_that_gets_no_pods_is_not_rolled_out(store: ApiServerStore, at: str) -> None:
    store.create(with_account("stuck", 1, at, account="nobody"), "tests")
    assert not is_rolled_out(present(store, "stuck", at))
    store.delete(DEPLOYMENT, at, "stuck")


def test_a_job_ends_and_one_that_a_cron_job_made_is_left_to_its_maker(store: ApiServerStore, at: str) -> None:
    template = {"spec": job("", at)["spec"]}
    maker = cron_job("maker", schedule="0 * * * *", jobTemplate=template)
    made = store.create({**maker, "metadata": {"name": "maker", "namespace": at}}, "tests")
    identity = {"apiVersion": "batch/v1", "kind": "CronJob", "name": "maker", "uid": made["metadata"]["uid"]}
    owner = {**identity, "controller": True}
    store.create(job("theirs", at, ownerReferences=[owner]), "tests")
    store.create(job("ours", at), "tests")
    deadline = time.monotonic() + 30
    while not (conditions := status_of(store, "ours", at).get("conditions")):
        assert time.monotonic() < deadline
    assert [each["type"] for each in conditions] == ["SuccessCriteriaMet", "Complete"]
    assert "conditions" not in status_of(store, "theirs", at)


def job(name: str, at: str, **metadata: Json) -> Manifest:
    pod = {"containers": [{"name": "main", "image": "busybox"}], "restartPolicy": "Never"}
    metadata = {"name": name, "namespace": at, **metadata}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": {"template": {"spec": pod}}}


def status_of(store: ApiServerStore, name: str, at: str) -> Manifest:
    found = store.get(JOB, at, name)
    assert found is not None
    return found.get("status") or {}
