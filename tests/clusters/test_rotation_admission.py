"""What RBAC can't say, the API server refuses to our Jobs' accounts, however wide their roles are."""

from __future__ import annotations

import copy
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.clusters.objects import NAMESPACE, NODE_POOL, namespace
from tests.clusters.rotation_guard import (
    ARGS,
    AT,
    CHECKING,
    JOBS,
    PATH,
    POOL,
    POOL_PATH,
    RESUMING,
    ROTATES,
    Guarded,
    job,
    said_to,
    until,
)
from tests.policies.declared import node_pool
from workshop.model.rotation import LIMITS_MANAGER, SUSPEND_MANAGER, Target
from workshop.sandbox.clusters.api import MERGE_PATCH, Api
from workshop.sandbox.clusters.running import api_servers
from workshop.sandbox.clusters.store import ApiServerStore
from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.manifests.merging import Manifest
from workshop.sandbox.paths import SandboxPaths

pytestmark = pytest.mark.clusters


@pytest.fixture(scope="module")
def guarded(
    clusters: SandboxPaths, ohio: Api, store: ApiServerStore, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Guarded]:
    store.create(namespace(AT), "tests")
    store.apply(ROTATES, "HashiCorp", force=True)
    made = {**node_pool().inputs, "metadata": {"name": POOL, "labels": {"theirs": "1"}}}
    store.apply(made, "HashiCorp", force=True)
    tokens: dict[str, str] = {}
    for account in (RESUMING, CHECKING):
        metadata = {"name": account, "namespace": AT}
        store.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}, "tests")
        request: Manifest = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
        place = f"/api/v1/namespaces/{AT}/serviceaccounts/{account}/token"
        tokens[account] = ohio.request("POST", place, request)["status"]["token"]
    group = "rbac.authorization.k8s.io"
    rules = [
        {"apiGroups": ["batch"], "resources": ["cronjobs", "jobs"], "verbs": ["*"]},
        {"apiGroups": ["karpenter.sh"], "resources": ["nodepools"], "verbs": ["*"]},
    ]
    role: Manifest = {"apiVersion": f"{group}/v1", "kind": "ClusterRole", "metadata": {"name": AT}, "rules": rules}
    subjects = [{"kind": "ServiceAccount", "name": name, "namespace": AT} for name in tokens]
    bound = {"apiVersion": f"{group}/v1", "kind": "ClusterRoleBinding", "metadata": {"name": AT}, "subjects": subjects}
    store.create(role, "tests")
    store.create({**bound, "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": AT}}, "tests")
    found = Guarded(store=store, access=api_servers(clusters)["coder-ohio"], tokens=tokens)
    found.declare(tmp_path_factory.mktemp("administrator"))
    try:
        yield found
    finally:
        found.remove()
        for kind in ("ClusterRoleBinding", "ClusterRole"):
            store.delete(kind_of(f"{group}/v1", kind), None, AT)
        store.delete(NODE_POOL, None, POOL)
        store.delete(NAMESPACE, None, AT)


def test_what_the_window_holds_is_given_back(guarded: Guarded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    guarded.hold()
    target = Target(api_version="batch/v1", kind="CronJob", namespace=AT, name="rotate-key", manager=SUSPEND_MANAGER)
    pool = Target(api_version="karpenter.sh/v1", kind="NodePool", name=POOL, manager=LIMITS_MANAGER)
    with guarded.pod(RESUMING, tmp_path, monkeypatch) as cluster:
        cluster.release(target)
        cluster.release(pool)
        cluster.release(target)

    assert guarded.cron_job()["spec"]["suspend"] is False
    assert guarded.cron_job()["metadata"]["annotations"] == {"theirs": "1"}
    assert "cpu" not in guarded.pool()["spec"]["limits"]


def changed(image: str) -> dict[str, Any]:
    """The Pod of the CronJob's template with another image."""
    pod = copy.deepcopy(ROTATES["spec"]["jobTemplate"]["spec"]["template"]["spec"])
    pod["containers"][0]["image"] = image
    return pod


def with_pod(pod: Mapping[str, Any]) -> Manifest:
    template = {"spec": {"template": {"spec": pod}}}
    return {**ROTATES, "spec": {**ROTATES["spec"], "jobTemplate": template}}


IMAGE = {"containers": [{**ROTATES["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0], "image": "x"}]}


@pytest.mark.parametrize(
    "change",
    [
        {"spec": {"schedule": "* * * * *"}},
        {"spec": {"timeZone": None}},
        {"spec": {"startingDeadlineSeconds": 1}},
        {"spec": {"jobTemplate": {"spec": {"template": {"spec": IMAGE}}}}},
        {"spec": {"jobTemplate": {"spec": {"template": {"spec": {"serviceAccountName": "default"}}}}}},
        {"spec": {"suspend": False, "concurrencyPolicy": "Allow"}},
        {"metadata": {"labels": {"app": "other"}}},
        {"metadata": {"annotations": {"theirs": None}}},
        {"metadata": {"annotations": {"theirs": "2"}}},
        {"metadata": {"annotations": {"more": "1"}}},
        {"metadata": {"finalizers": ["example.com/never"]}},
    ],
    ids=str,
)
def test_the_one_that_resumes_changes_nothing_else_of_a_cron_job(guarded: Guarded, change: Manifest) -> None:
    guarded.hold()
    said = said_to(guarded.as_account(RESUMING), "PATCH", PATH, change)
    assert "this account may change spec.suspend and nothing else" in said
    assert said_to(guarded.as_account(RESUMING), "PATCH", PATH, {"spec": {"suspend": False}}) == ""


def test_the_one_that_resumes_suspends_nothing(guarded: Guarded) -> None:
    suspended = {"spec": {"suspend": False}}
    guarded.store.apply({**ROTATES, "spec": {**ROTATES["spec"], **suspended["spec"]}}, "HashiCorp", force=True)
    guarded.as_account(RESUMING).request("PATCH", PATH, suspended, content_type=MERGE_PATCH)
    said = said_to(guarded.as_account(RESUMING), "PATCH", PATH, {"spec": {"suspend": True}})
    assert "this account resumes CronJobs, and suspends none" in said


@pytest.mark.parametrize(
    "change",
    [
        {"spec": {"weight": 7}},
        {"spec": {"template": {"spec": {"expireAfter": "1h"}}}},
        {"spec": {"disruption": {"consolidateAfter": "1s"}}},
        {"metadata": {"labels": {"theirs": None}}},
    ],
    ids=str,
)
def test_the_one_that_reopens_changes_nothing_else_of_a_pool(guarded: Guarded, change: Manifest) -> None:
    guarded.hold()
    said = said_to(guarded.as_account(RESUMING), "PATCH", POOL_PATH, change)
    assert "this account may change spec.limits and nothing else" in said


@pytest.mark.parametrize("path", [PATH, POOL_PATH], ids=["CronJob", "NodePool"])
def test_the_one_that_resumes_deletes_nothing(guarded: Guarded, path: str) -> None:
    assert "and nothing else" in said_to(guarded.as_account(RESUMING), "DELETE", path)


def test_a_job_of_the_cron_jobs_template_is_started(
    guarded: Guarded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with guarded.pod(CHECKING, tmp_path, monkeypatch) as cluster:
        cluster.start(AT, "rotate-key", "check-1")
        assert cluster.job(AT, "check-1")


@pytest.mark.parametrize(
    "change",
    [
        IMAGE,
        {"serviceAccountName": "default"},
        {"hostNetwork": True},
        {"volumes": [{"name": "host", "hostPath": {"path": "/"}}]},
        {"initContainers": [{"name": "first", "image": "x"}]},
        {"automountServiceAccountToken": True},
    ],
    ids=str,
)
def test_the_one_that_checks_starts_no_other_job(guarded: Guarded, change: dict[str, Any]) -> None:
    said = said_to(guarded.as_account(CHECKING), "POST", JOBS, job(**change))
    assert "this account starts Jobs of CronJob rotate-key only" in said
    assert said_to(guarded.as_account(CHECKING), "POST", JOBS, job()) == ""


def test_a_template_that_has_changed_needs_another_up(guarded: Guarded, tmp_path: Path) -> None:
    """Policies that are made anew answer by the CronJob as it is, however often they were removed before."""
    try:
        for image in ("example/rotate:2", "example/rotate:3"):
            before = guarded.cron_job()["spec"]["jobTemplate"]["spec"]["template"]["spec"]
            after = changed(image)
            assert guarded.said_of_job(before) == ""
            assert "where that has changed since, run `up` again" in guarded.said_of_job(after)

            guarded.remove()
            until(lambda pod=after: not guarded.said_of_job(pod))
            guarded.store.apply(with_pod(after), "HashiCorp", force=True)
            guarded.declare(tmp_path)

            assert guarded.said_of_job(after) == ""
            assert "the Job's Pod has to be what the CronJob's template was" in guarded.said_of_job(before)
    finally:
        guarded.store.apply(ROTATES, "HashiCorp", force=True)
        guarded.declare(tmp_path)


def test_where_the_template_is_not_known_it_starts_none(guarded: Guarded, tmp_path: Path) -> None:
    try:
        guarded.put(ARGS)
        until(lambda: "starts Jobs of CronJob rotate-key only" in guarded.said_of_job({}))
    finally:
        guarded.declare(tmp_path)


def test_others_are_left_alone(guarded: Guarded, ohio: Api) -> None:
    assert said_to(ohio, "POST", JOBS, job(serviceAccountName="default")) == ""
    assert said_to(ohio, "PATCH", POOL_PATH, {"spec": {"weight": 7}}) == ""
    assert said_to(ohio, "PATCH", PATH, {"spec": {"schedule": "* * * * *"}}) == ""
