from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.sandbox.providers.calls import Calls
from tests.sandbox.servers_for_tests import environment_of, running, sandbox_paths
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.providers.kubernetes.provider import KubernetesProvider
from workshop.sandbox.seed.systems import platform_settings, seed_clusters, write_kubeconfig


@pytest.fixture(scope="package")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Generator[SandboxPaths]:
    """A seeded sandbox for all tests here: each uses names of its own and leaves what was seeded alone."""
    with running(tmp_path_factory.mktemp("sandbox")) as paths:
        yield paths


@pytest.fixture
def paths(tmp_path: Path) -> Generator[SandboxPaths]:
    """Seeded clusters; no server is needed."""
    paths = sandbox_paths(tmp_path)
    seed_clusters(paths, platform_settings(paths))
    write_kubeconfig(paths)
    with environment_of(paths):
        yield paths


@pytest.fixture
def cluster(paths: SandboxPaths) -> Calls:
    return Calls(KubernetesProvider({"kubeconfig": str(paths.kubeconfig), "context": "coder-ohio"}))
