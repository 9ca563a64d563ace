from __future__ import annotations

from collections.abc import Generator

import pytest

from tests.sandbox.servers_for_tests import running
from workshop.sandbox.paths import SandboxPaths


@pytest.fixture(scope="package")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Generator[SandboxPaths]:
    """A seeded sandbox for all tests here: each uses names of its own and leaves what was seeded alone."""
    with running(tmp_path_factory.mktemp("sandbox")) as paths:
        yield paths
