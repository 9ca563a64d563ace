"""One sandbox and one story: 20 users, again, 30 users, release. Each chapter is lived once, whoever asks for it."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import pytest

from tests.end_to_end.sandbox import Ran, workshop
from tests.end_to_end.world import World, look
from tests.sandbox.servers_for_tests import running
from workshop.sandbox.paths import SandboxPaths


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """What the command said, and the world after it."""

    ran: Ran
    world: World


@pytest.fixture(scope="package")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Generator[SandboxPaths]:
    with running(tmp_path_factory.mktemp("sandbox")) as paths:
        yield paths


@pytest.fixture(scope="package")
def before(sandbox: SandboxPaths) -> World:
    return look(sandbox)


@pytest.fixture(scope="package")
def first(sandbox: SandboxPaths, before: World) -> Chapter:
    return _chapter(sandbox, "up", "--users", "20")


@pytest.fixture(scope="package")
def again(sandbox: SandboxPaths, first: Chapter) -> Chapter:
    return _chapter(sandbox, "up")


@pytest.fixture(scope="package")
def more(sandbox: SandboxPaths, again: Chapter) -> Chapter:
    return _chapter(sandbox, "up", "--users", "30")


@pytest.fixture(scope="package")
def released(sandbox: SandboxPaths, more: Chapter) -> Chapter:
    return _chapter(sandbox, "destroy")


def _chapter(sandbox: SandboxPaths, *arguments: str) -> Chapter:
    ran = workshop(sandbox, *arguments)
    return Chapter(ran=ran, world=look(sandbox))
