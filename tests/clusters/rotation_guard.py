"""A cluster with the rotation's admission policies in force, as its administrator and as each of our accounts."""

from __future__ import annotations

import copy
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.rotation.admission import RotationAdmissionArgs, rotation_policies
from tests.clusters.objects import CRON_JOB, NODE_POOL
from workshop.model.rotation import LIMITS_MANAGER, SUSPEND_MANAGER
from workshop.observe.cluster import Cluster as Observed
from workshop.rotation.cluster import Cluster
from workshop.sandbox.clusters.api import MERGE_PATCH, Access, Api
from workshop.sandbox.clusters.store import ApiServerStore, path_of
from workshop.sandbox.files import write_whole
from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.manifests.merging import ClusterRefusal, Manifest

JOB = kind_of("batch/v1", "Job")
POLICY = kind_of("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy")
BINDING = kind_of("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding")
AT = f"rotation-{uuid.uuid4().hex[:6]}"
RESUMING, CHECKING = "rotation-switch", "rotation-check"
ARGS = RotationAdmissionArgs(
    namespace=AT, resuming=RESUMING, checking=(CHECKING,), cron_job="rotate-key", cron_job_namespaces=(AT,), pods={}
)
POOL = f"pool-{uuid.uuid4().hex[:6]}"
OUR_PATCH = {"pulumi.com/patchForce": "true", "pulumi.com/patchFieldManager": "ours"}
ON_ARM = {
    "nodeSelectorTerms": [{"matchExpressions": [{"key": "kubernetes.io/arch", "operator": "In", "values": ["arm64"]}]}]
}
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
                                "env": [
                                    {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "a", "key": "b"}}},
                                    {"name": "NOTE", "value": 'it\'s "é" \\n 😀\n\t'},
                                    {"name": "NONE"},
                                ],
                                "securityContext": {"runAsUser": 1000, "privileged": False},
                                "resources": {"requests": {"cpu": "100m"}},
                            }
                        ],
                        "volumes": [{"name": "tmp", "emptyDir": {}}],
                        "affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": ON_ARM}},
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

    def kubeconfig(self, token: str, folder: Path) -> str:
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "c", "cluster": self.access.cluster}],
            "users": [{"name": "u", "user": {"token": token}}],
            "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
            "current-context": "x",
        }
        write_whole(folder / "kubeconfig", yaml.safe_dump(config), mode=0o600)
        return str(folder / "kubeconfig")

    def pod(self, account: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Cluster:
        """The cluster as an entry point sees it."""
        monkeypatch.setenv("KUBECONFIG", self.kubeconfig(self.tokens[account], folder))
        return Cluster()

    def declare(self, folder: Path) -> None:
        """Makes the policies from what is looked up, as `up` does, and waits until they are in force."""
        with Observed(self.kubeconfig(self.access.token, folder), "x") as cluster:
            pods = {AT: cluster.pod_of_cron_job(AT, "rotate-key")}
        self.put(replace(ARGS, pods=pods))
        until(lambda: all(map(self.refused, FORBIDDEN)) and not self.said_of_job(pods[AT]))

    def put(self, args: RotationAdmissionArgs) -> None:
        for name, (spec, binding) in rotation_policies(args).items():
            for each, content in ((POLICY, spec), (BINDING, binding)):
                metadata = {"name": f"{AT}-{name}"}
                renamed = {**content, "policyName": metadata["name"]} if each is BINDING else content
                policy = {"apiVersion": each.api_version, "kind": each.name, "metadata": metadata, "spec": renamed}
                self.store.apply(policy, "tests", force=True)

    def remove(self) -> None:
        """Takes the policies away, as `destroy` does."""
        for name in rotation_policies(ARGS):
            self.store.delete(BINDING, None, f"{AT}-{name}")
            self.store.delete(POLICY, None, f"{AT}-{name}")

    def said_of_job(self, pod: Mapping[str, Any]) -> str:
        """What is said to the account that checks when it starts a Job of this Pod."""
        return said_to(self.as_account(CHECKING), "POST", JOBS, job(**pod))

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


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 180
    while not holds():
        assert time.monotonic() < deadline, "the API server has not come to it"


def said_to(api: Api, method: str, path: str, body: object = None) -> str:
    """The API server's refusal; nothing where it takes it. Nothing is kept."""
    content_type = MERGE_PATCH if method == "PATCH" else "application/json"
    try:
        api.request(method, path, body, content_type=content_type, query={"dryRun": "All"})  # pyright: ignore[reportArgumentType]
    except ClusterRefusal as refusal:
        return str(refusal)
    return ""


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
