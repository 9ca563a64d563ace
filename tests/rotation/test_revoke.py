"""revoke: the window's key and its lost siblings end; others' stay; it may be repeated."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.rotation.test_issue import order, run
from tests.rotation.world import World
from workshop.model.rotation import RevokeRequest
from workshop.rotation.failure import RotationFailure
from workshop.rotation.revoke import revoke
from workshop.sandbox.servers.faults import Fault


def end(world: World, alias: str | None = None) -> str:
    request = RevokeRequest(litellm_url=world.url, alias=alias or order(world).alias)
    with world.litellm() as proxy:
        return revoke(request, proxy, world.master_key)


def is_alive(world: World, key: str | None) -> bool:
    with world.litellm() as proxy:
        return proxy.info(key or "") is not None


def test_the_key_and_what_an_interrupted_run_left_are_revoked_and_others_are_not(world: World) -> None:
    alias = order(world).alias
    with world.litellm() as proxy:
        lost, _ = proxy.issue(world.master_key, alias, "robot", timedelta(days=1), 1)
        theirs, _ = proxy.issue(world.master_key, f"{alias}0", "robot", timedelta(days=1), 1)
    run(world)
    key = world.store().read()
    assert is_alive(world, key)

    assert end(world) == f"key {alias} is revoked"
    assert not is_alive(world, key)
    assert not is_alive(world, lost)
    assert is_alive(world, theirs)
    assert "was revoked before, or has expired" in end(world)
    end(world, f"{alias}0")


def test_a_litellm_that_does_not_answer_is_named_and_asked_again_later(world: World) -> None:
    run(world)
    world.plant("/key/delete", Fault(status=500))
    with pytest.raises(RotationFailure, match="answered 500 to POST /key/delete"):
        end(world)
    world.fix()
    assert "is revoked" in end(world)
