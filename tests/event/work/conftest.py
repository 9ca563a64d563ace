"""Workspaces of a sandbox whose clusters are folders."""

from __future__ import annotations

import uuid
from collections.abc import Generator

import pytest
from lightkube import KubeConfig

from tests.sandbox.servers_for_tests import running
from workshop.event.work.exec import Cluster, Container
from workshop.sandbox.manifests.merging import Manifest
from workshop.sandbox.manifests.store import ManifestStore
from workshop.sandbox.paths import SandboxPaths

OHIO = "coder-ohio"
NAMESPACE = "coder-ws"


@pytest.fixture(scope="package")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Generator[SandboxPaths]:
    with running(tmp_path_factory.mktemp("sandbox")) as paths:
        yield paths


@pytest.fixture(scope="package")
def cluster(sandbox: SandboxPaths) -> Generator[Cluster]:
    with Cluster(KubeConfig.from_file(sandbox.kubeconfig), OHIO) as opened:
        yield opened


@pytest.fixture
def container(sandbox: SandboxPaths) -> Container:
    """Of a workspace's pod, with an empty home."""
    return new_pod(sandbox)


def new_pod(sandbox: SandboxPaths) -> Container:
    name = f"coder-{uuid.uuid4().hex[:8]}"
    pod: Manifest = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {"containers": [{"name": "dev", "image": "base-ws", "env": [{"name": "GREETING", "value": "hello"}]}]},
        "status": {"phase": "Running"},
    }
    ManifestStore(sandbox.clusters / OHIO).create(pod, "tests")
    return Container(namespace=NAMESPACE, pod=name, name="dev")
