"""What RBAC can't say, the API server refuses to our Jobs' accounts, however wide their roles are."""

from __future__ import annotations

import copy
import time
import uuid
from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.rotation.admission import RotationAdmissionArgs, rotation_policies
from tests.clusters.objects import CRON_JOB, NAMESPACE, NODE_POOL, namespace
from tests.policies.declared import node_pool
from workshop.model.rotation import LIMITS_MANAGER, SUSPEND_MANAGER, Target
from workshop.rotation.cluster import Cluster
from workshop.sandbox.clusters.api import MERGE_PATCH, Access, Api
from workshop.sandbox.clusters.running import api_servers
from workshop.sandbox.clusters.store import ApiServerStore, path_of
from workshop.sandbox.files import write_whole
from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.manifests.merging import ClusterRefusal, Manifest
from workshop.sandbox.paths import SandboxPaths

pytestmark = pytest.mark.clusters

JOB = kind_of("batch/v1", "Job")
POLICY = kind_of("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy")
BINDING = kind_of("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding")
AT = f"rotation-{uuid.uuid4().hex[:6]}"
RESUMING, CHECKING = "rotation-switch", "rotation-check"
ARGS = RotationAdmissionArgs(
    namespace=AT, resuming=RESUMING, checking=(CHECKING,), cron_job="rotate-key", cron_job_namespaces=(AT,)
)
POOL = f"pool-{uuid.uuid4().hex[:6]}"
OUR_PATCH = {"pulumi.com/patchForce": "true", "pulumi.com/patchFieldManager": "ours"}
ROTATES: Manifest = {
    "apiVersion": "batch/v1",
    "kind": "CronJob",
    "metadata": {"name": "rotate-key", "namespace": AT, "labels": {"app": "rotate"}, "annotations": {"theirs": "1"}},
    "spec": {
        "schedule": "0 */4 * * *",
        "timeZone": "America/Vancouver",
        "concurrencyPolicy": "Replace",
        "jobTemplate": {
            "spec": {
                "template": {
                    "spec": {
                        "serviceAccountName": "rotate-key",
                        "restartPolicy": "Never",
                        "containers": [
                            {
                                "name": "rotate",
                                "image": "example/rotate:1",
                                "command": ["rotate.sh"],
                                "env": [{"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "a", "key": "b"}}}],
                                "resources": {"requests": {"cpu": "100m"}},
                            }
                        ],
                    }
                }
            }
        },
    },
}


@dataclass(frozen=True, kw_only=True)
class Guarded:
    """A cluster with the policies in force, as its administrator and as each of our accounts."""

    store: ApiServerStore
    access: Access
    tokens: Mapping[str, str]

    def as_account(self, account: str) -> Api:
        """Roles let it do anything with CronJobs, Jobs and node pools."""
        return Api("ohio", replace(self.access, token=self.tokens[account]))

    def refused(self, account: str) -> str:
        return said_to(self.as_account(account), *FORBIDDEN[account])

    def pod(self, account: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Cluster:
        """The cluster as an entry point sees it."""
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "c", "cluster": self.access.cluster}],
            "users": [{"name": "u", "user": {"token": self.tokens[account]}}],
            "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
            "current-context": "x",
        }
        write_whole(folder / "kubeconfig", yaml.safe_dump(config), mode=0o600)
        monkeypatch.setenv("KUBECONFIG", str(folder / "kubeconfig"))
        return Cluster()

    def hold(self) -> None:
        """As `up` does in the window."""
        metadata = {"name": "rotate-key", "namespace": AT, "annotations": OUR_PATCH}
        held = {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": metadata, "spec": {"suspend": True}}
        self.store.apply(held, SUSPEND_MANAGER, force=True)
        closed = {"apiVersion": "karpenter.sh/v1", "kind": "NodePool", "spec": {"limits": {"cpu": "0"}}}
        self.store.apply({**closed, "metadata": {"name": POOL, "annotations": OUR_PATCH}}, LIMITS_MANAGER, force=True)

    def cron_job(self) -> Manifest:
        return self.store.get(CRON_JOB, AT, "rotate-key") or {}

    def pool(self) -> Manifest:
        return self.store.get(NODE_POOL, None, POOL) or {}


def said_to(api: Api, method: str, path: str, body: object = None) -> str:
    """The API server's refusal; nothing where it takes it. Nothing is kept."""
    content_type = MERGE_PATCH if method == "PATCH" else "application/json"
    try:
        api.request(method, path, body, content_type=content_type, query={"dryRun": "All"})  # pyright: ignore[reportArgumentType]
    except ClusterRefusal as refusal:
        return str(refusal)
    return ""


@pytest.fixture(scope="module")
def guarded(clusters: SandboxPaths, ohio: Api, store: ApiServerStore) -> Generator[Guarded]:
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
    for name, (spec, binding) in rotation_policies(ARGS).items():
        for each, content in ((POLICY, spec), (BINDING, binding)):
            metadata = {"name": f"{AT}-{name}"}
            renamed = {**content, "policyName": metadata["name"]} if each is BINDING else content
            policy = {"apiVersion": each.api_version, "kind": each.name, "metadata": metadata, "spec": renamed}
            store.create(policy, "tests")
    found = Guarded(store=store, access=api_servers(clusters)["coder-ohio"], tokens=tokens)
    deadline = time.monotonic() + 180
    while any(not said or "no params found" in said for said in map(found.refused, FORBIDDEN)):
        assert time.monotonic() < deadline, "the policies are not in force"
    try:
        yield found
    finally:
        for name in rotation_policies(ARGS):
            store.delete(BINDING, None, f"{AT}-{name}")
            store.delete(POLICY, None, f"{AT}-{name}")
        for kind in ("ClusterRoleBinding", "ClusterRole"):
            store.delete(kind_of(f"{group}/v1", kind), None, AT)
        store.delete(NODE_POOL, None, POOL)
        store.delete(NAMESPACE, None, AT)


PATH, POOL_PATH, JOBS = path_of(CRON_JOB, AT, "rotate-key"), path_of(NODE_POOL, None, POOL), path_of(JOB, AT)


def job(**changes: object) -> dict[str, Any]:
    """A Job of the CronJob's template, its Pod changed."""
    spec = copy.deepcopy(ROTATES["spec"]["jobTemplate"]["spec"])
    spec["template"]["spec"] |= changes
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "now", "namespace": AT}, "spec": spec}


FORBIDDEN = {
    RESUMING: ("PATCH", POOL_PATH, {"spec": {"weight": 7}}),
    CHECKING: ("POST", JOBS, job(serviceAccountName="default")),
}


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
    assert "this account may give back spec.suspend and change nothing else" in said
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
    assert "this account may give back spec.limits and change nothing else" in said


@pytest.mark.parametrize("path", [PATH, POOL_PATH], ids=["CronJob", "NodePool"])
def test_the_one_that_resumes_deletes_nothing(guarded: Guarded, path: str) -> None:
    assert "change nothing else" in said_to(guarded.as_account(RESUMING), "DELETE", path)


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


def test_without_the_cron_job_it_starts_none(guarded: Guarded) -> None:
    guarded.store.delete(CRON_JOB, AT, "rotate-key")
    try:
        deadline = time.monotonic() + 180
        while not (said := said_to(guarded.as_account(CHECKING), "POST", JOBS, job())):
            assert time.monotonic() < deadline, "the policy does not see that it is gone"
        assert "no params found" in said
    finally:
        guarded.store.apply(ROTATES, "HashiCorp", force=True)


def test_others_are_left_alone(guarded: Guarded, ohio: Api) -> None:
    assert said_to(ohio, "POST", JOBS, job(serviceAccountName="default")) == ""
    assert said_to(ohio, "PATCH", POOL_PATH, {"spec": {"weight": 7}}) == ""
    assert said_to(ohio, "PATCH", PATH, {"spec": {"schedule": "* * * * *"}}) == ""
