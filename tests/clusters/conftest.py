from __future__ import annotations

from collections.abc import Generator

import pytest

from tests.sandbox.servers_for_tests import environment_of, sandbox_paths
from workshop.sandbox.clusters import lifecycle
from workshop.sandbox.clusters.api import Api
from workshop.sandbox.clusters.running import api_servers
from workshop.sandbox.clusters.store import ApiServerStore
from workshop.sandbox.paths import SandboxPaths


@pytest.fixture(scope="session")
def clusters(tmp_path_factory: pytest.TempPathFactory) -> Generator[SandboxPaths]:
    """Three API servers with the platform as it stands; each test uses names of its own."""
    paths = sandbox_paths(tmp_path_factory.mktemp("clusters"))
    with environment_of(paths):
        try:
            lifecycle.start(paths)
            yield paths
        finally:
            lifecycle.stop(paths)


@pytest.fixture(scope="session")
def ohio(clusters: SandboxPaths) -> Api:
    """The control plane's cluster."""
    return Api("coder-ohio", api_servers(clusters)["coder-ohio"])


@pytest.fixture(scope="session")
def store(ohio: Api) -> ApiServerStore:
    return ApiServerStore(ohio, delete_seconds=10)
