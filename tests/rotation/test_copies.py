"""copy and verify: the stored key in every Secret, and nothing that rotates it any more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.rotation.world import COPIES, NAMESPACES, World
from workshop.model.rotation import CopyRequest
from workshop.rotation.copies import WAIT_SECONDS, copy, verify
from workshop.rotation.failure import RotationFailure
from workshop.sandbox.manifests.merging import Manifest

UNTIL = datetime.now(UTC) + timedelta(days=1)


def order(world: World) -> CopyRequest:
    return CopyRequest(litellm_url=world.url, until=UNTIL, stored=world.stored, copies=COPIES)


def issued(world: World) -> str:
    with world.litellm() as proxy:
        alias = f"ai-coder-workshop-{world.stored.name.rpartition('/')[2]}"
        key, _ = proxy.issue(world.master_key, alias, "robot", timedelta(days=2), 1)
    world.store().write(key)
    return key


def copied(world: World) -> str:
    with world.litellm() as proxy, world.cluster() as cluster:
        return copy(order(world), proxy, world.store(), cluster)


def verified(world: World, naps: list[float] | None = None, wake: Manifest | None = None) -> str:
    slept: list[float] = [] if naps is None else naps

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if wake is not None and len(slept) == 2:
            world.manifests.set_status({**wake, "status": ended()}, "kube-controller-manager")

    with world.litellm() as proxy, world.cluster() as cluster:
        return verify(order(world), proxy, world.store(), cluster, sleep)


def ended() -> Manifest:
    return {"conditions": [{"type": "Complete", "status": "True"}]}


def running_swapper(world: World, name: str) -> Manifest:
    owner = {"apiVersion": "batch/v1", "kind": "CronJob", "name": "rotate-key", "uid": "1"}
    job: Manifest = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name, "namespace": "coder-ws", "ownerReferences": [owner]},
        "spec": {"template": {"spec": {"containers": []}}},
    }
    return world.manifests.create(job, "kube-controller-manager")


def test_the_key_is_copied_everywhere_and_only_where_it_is_not_yet(world: World) -> None:
    key = issued(world)

    assert "in 3 Secrets, 3 written now" in copied(world)
    assert {world.key_in(namespace) for namespace in NAMESPACES} == {key}
    world.write_secret("coder-ws-demo", "sk-other")
    told = copied(world)
    assert "in 3 Secrets, 1 written now" in told
    assert key not in told


def test_nothing_is_copied_before_a_key_is_stored_and_lives_long_enough(world: World) -> None:
    with pytest.raises(RotationFailure, match="holds no key"):
        copied(world)
    with world.litellm() as proxy:
        key, _ = proxy.issue(world.master_key, "ai-coder-workshop-short", "robot", timedelta(hours=1), 1)
    world.store().write(key)
    with pytest.raises(RotationFailure, match="must live until"):
        copied(world)
    assert world.key_in("coder-ws") == "sk-rotated"


def test_all_is_well_when_the_copies_agree_and_nothing_rotates(world: World) -> None:
    issued(world)
    copied(world)
    for namespace in NAMESPACES:
        world.suspend(namespace)

    assert "is in 3 Secrets, all of them" in verified(world)


def test_a_swapper_that_is_not_suspended_is_refused(world: World) -> None:
    issued(world)
    copied(world)
    world.suspend("coder-ws")

    with pytest.raises(RotationFailure, match="CronJob coder-ws-experiment/rotate-key is not suspended"):
        verified(world)


def test_secrets_that_differ_are_named_without_what_they_hold(world: World) -> None:
    issued(world)
    copied(world)
    for namespace in NAMESPACES:
        world.suspend(namespace)
    world.write_secret("coder-ws", "sk-other")
    world.write_secret("coder-ws-demo", "sk-another")

    with pytest.raises(RotationFailure) as failure:
        verified(world)
    assert str(failure.value).startswith("Secret coder-ws/litellm, Secret coder-ws-demo/litellm hold a key other")
    assert "sk-" not in str(failure.value)


def test_a_job_that_rotates_still_is_waited_for(world: World) -> None:
    issued(world)
    copied(world)
    for namespace in NAMESPACES:
        world.suspend(namespace)
    naps: list[float] = []
    job = running_swapper(world, "rotate-key-1")

    assert "is in 3 Secrets, all of them" in verified(world, naps, wake=job)
    assert len(naps) == 2


def test_one_that_does_not_end_is_named(world: World) -> None:
    issued(world)
    copied(world)
    for namespace in NAMESPACES:
        world.suspend(namespace)
    naps: list[float] = []
    job = running_swapper(world, "rotate-key-2")

    with pytest.raises(RotationFailure, match=f"still running after {WAIT_SECONDS} s: coder-ws/rotate-key-2"):
        verified(world, naps)
    assert sum(naps) == WAIT_SECONDS
    world.manifests.set_status({**job, "status": ended()}, "kube-controller-manager")
