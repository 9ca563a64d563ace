from __future__ import annotations

import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.sandbox.servers_for_tests import running
from workshop.sandbox.paths import SandboxPaths


@pytest.fixture(scope="package")
def shared_folder() -> Generator[Path]:
    """A folder that every user of this machine may enter, as a checkout may be."""
    folder = Path(tempfile.mkdtemp(prefix="workshop-doors-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="package")
def sandbox(shared_folder: Path) -> Generator[SandboxPaths]:
    """A seeded sandbox, which the attacks here must leave as it is."""
    with running(shared_folder / "data") as paths:
        yield paths
