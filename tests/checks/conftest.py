"""One sandbox after `up`, in which all is well; tests that plant a fault take it out again."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.checks.world import World


@pytest.fixture(scope="package")
def world(tmp_path_factory: pytest.TempPathFactory) -> Generator[World]:
    # Imported by those tests only that need a sandbox: others are run once a mutant.
    from tests.checks.world import EVERYWHERE, World
    from tests.end_to_end.sandbox import workshop
    from tests.sandbox.servers_for_tests import running
    from workshop.checks.coder.smoke_workspace import SmokeWorkspace

    with running(tmp_path_factory.mktemp("sandbox")) as paths:
        assert workshop(paths, "up", "--users", "20").exit_code == 0
        world = World(paths)
        world.cordon_old_nodes(*EVERYWHERE)
        world.hold_other_pools(*EVERYWHERE)
        world.give_key(hours=48)
        assert {one.verdict for one in world.look(SmokeWorkspace)} == {"go"}
        yield world
