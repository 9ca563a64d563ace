"""Jobs without containers: a known image is run, its end is the Job's, and what it lacks is told."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.sandbox.servers_for_tests import sandbox_paths
from workshop.sandbox.manifests.merging import Manifest
from workshop.sandbox.manifests.store import ManifestStore
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.pods.kubelet import Kubelet, folder_token

OURS = "ghcr.io/example/ai-coder-workshop@sha256:" + "0" * 64


@pytest.fixture
def paths(tmp_path: Path) -> SandboxPaths:
    return sandbox_paths(tmp_path)


@pytest.fixture
def store(paths: SandboxPaths) -> ManifestStore:
    return ManifestStore(paths.clusters / "coder-ohio")


def run(paths: SandboxPaths, store: ManifestStore, **container: object) -> tuple[str, str]:
    """How a Job of this container ended, and what it said."""
    spec = {"containers": [{"name": "c", "image": OURS, **container}]}
    job: Manifest = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "job", "namespace": "default"},
        "spec": {"backoffLimit": 0, "template": {"spec": spec}},
    }
    ended = Kubelet(paths, "coder-ohio", store).run(store.create(job, "test"))
    last: Mapping[str, str] = ended["status"]["conditions"][-1]
    return last["type"], last["message"]


def test_a_job_that_fails_says_what_its_container_said_last(paths: SandboxPaths, store: ManifestStore) -> None:
    assert run(paths, store, args=["dance"]) == (
        "Failed",
        "usage: python -m workshop.rotation issue|copy|verify|resume|check|revoke REQUEST",
    )


def test_a_command_names_another_module_of_the_image(paths: SandboxPaths, store: ManifestStore) -> None:
    command = ["python", "-m", "workshop.event"]

    assert run(paths, store, command=command, args=["dance"])[1].startswith("usage: python -m workshop.event ")


def test_a_command_of_another_image_is_not_run(paths: SandboxPaths, store: ManifestStore) -> None:
    assert run(paths, store, image="busybox:1", command=["python", "-m", "workshop.event"])[0] == "Complete"


def test_an_order_that_can_not_be_read_is_told_without_it(paths: SandboxPaths, store: ManifestStore) -> None:
    ended, said = run(paths, store, args=["resume", '{"after": "sk-shown"}'])

    assert ended == "Failed"
    assert "image and program are of different versions" in said
    assert "sk-shown" not in said


def test_a_secret_that_is_missing_keeps_the_container_from_starting(paths: SandboxPaths, store: ManifestStore) -> None:
    reference = {"secretKeyRef": {"name": "litellm.env", "key": "master"}}
    env = [{"name": "LITELLM_MASTER_KEY", "valueFrom": reference}]

    assert run(paths, store, args=["issue", "{}"], env=env) == (
        "Failed",
        'CreateContainerConfigError: secret "litellm.env" not found',
    )


def test_a_job_of_another_image_is_done_at_once(paths: SandboxPaths, store: ManifestStore) -> None:
    assert run(paths, store, image="busybox:1")[0] == "Complete"


def test_a_cron_job_that_is_not_there_is_told(paths: SandboxPaths, store: ManifestStore) -> None:
    with pytest.raises(LookupError, match="there is no CronJob default/rotate-key"):
        Kubelet(paths, "coder-ohio", store).run_cron_job("default", "rotate-key")


def test_the_token_of_folders_is_made_once_and_for_the_owner_only(paths: SandboxPaths) -> None:
    assert folder_token(paths) == folder_token(paths)
    assert paths.cluster_token.stat().st_mode & 0o777 == 0o600
