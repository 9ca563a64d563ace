"""A sandbox, and the way to its registries past which every request is counted."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from tests.images.world import World, world
from workshop.sandbox.servers.faults import Fault, plant_faults


@pytest.fixture(scope="module")
def one_world(tmp_path_factory: pytest.TempPathFactory) -> Generator[World]:
    with world(tmp_path_factory.mktemp("images")) as made:
        yield made


@pytest.fixture
def images(one_world: World) -> World:
    """Without faults, and with nothing counted."""
    plant_faults(one_world.paths, {"/replication": Fault(delay_seconds=0.2)})
    one_world.proxy.before = lambda _what: None
    one_world.asked.clear()
    return one_world
