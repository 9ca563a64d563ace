"""issue: one key that outlives the window, whatever existed before and wherever an earlier run has ended."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.rotation.world import World, stored_json
from workshop.model.rotation import IssueRequest
from workshop.rotation.failure import RotationFailure
from workshop.rotation.issue import issue
from workshop.rotation.litellm import LiteLLM
from workshop.sandbox.servers.faults import Fault

NOW = datetime.now(UTC)
UNTIL = NOW + timedelta(days=2)


def order(world: World, until: datetime = UNTIL) -> IssueRequest:
    alias = f"ai-coder-workshop-{world.stored.name.rpartition('/')[2]}"
    return IssueRequest(litellm_url=world.url, alias=alias, user="robot", until=until, stored=world.stored)


def run(world: World, until: datetime = UNTIL, now: datetime = NOW, litellm: LiteLLM | None = None) -> str:
    with litellm or world.litellm() as proxy:
        return issue(order(world, until), proxy, world.store(), world.master_key, now, 780)


def expiry(world: World) -> datetime:
    key = world.store().read()
    assert key is not None
    with world.litellm() as proxy:
        info = proxy.info(key)
    assert info is not None
    assert info.expires is not None
    return info.expires


def test_a_key_is_issued_stored_and_confirmed_and_never_told(world: World) -> None:
    told = run(world)

    key = world.store().read()
    assert key is not None
    assert "issued and stored" in told
    assert key not in told
    assert expiry(world) >= UNTIL


def test_a_second_run_finds_the_key_and_issues_none(world: World) -> None:
    run(world)
    key = world.store().read()

    assert "existed;" in run(world)
    assert world.store().read() == key


def test_a_run_that_ended_before_its_key_was_stored_is_repaired(world: World) -> None:
    with world.litellm() as proxy:
        lost, alias = proxy.issue(world.master_key, order(world).alias, "robot", timedelta(days=1), 1)

    assert f"key {alias}-2 issued and stored" in run(world)
    assert world.store().read() != lost


def test_a_window_that_is_moved_later_keeps_the_key_and_lets_it_live_longer(world: World) -> None:
    run(world)
    key = world.store().read()
    later = UNTIL + timedelta(days=1)

    assert "was extended" in run(world, later)
    assert world.store().read() == key
    assert expiry(world) >= later


def test_a_window_that_is_shortened_leaves_the_key_alone(world: World) -> None:
    run(world)
    before = expiry(world)

    assert "existed;" in run(world, UNTIL - timedelta(days=1))
    assert expiry(world) == before


@pytest.mark.parametrize("minutes", [-10, 10])
def test_clocks_ten_minutes_apart_leave_the_key_its_life(world: World, minutes: int) -> None:
    run(world, now=NOW + timedelta(minutes=minutes))

    assert expiry(world) >= UNTIL


def test_a_stored_key_that_is_dead_or_not_ours_is_replaced(world: World) -> None:
    world.store_value(stored_json("sk-long-gone"))
    run(world)
    with world.litellm() as proxy:
        theirs, _ = proxy.issue(world.master_key, "litellm-tmp", "robot", timedelta(hours=8), 1)
    world.store_value(stored_json(theirs))

    assert "issued and stored" in run(world)
    assert world.store().read() not in (theirs, "sk-long-gone")


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault(status=500), "answered 500 to POST /key/generate"),
        (Fault(status=401), "the master key in the Secret that workshop:rotation names is not LiteLLM's"),
        (Fault(body="<html>sk-shown"), "without a key"),
        (Fault(body='{"key": ["sk-shown"]}'), "without a key"),
        (Fault(delay_seconds=3), "did not answer POST /key/generate: ReadTimeout"),
    ],
)
def test_what_litellm_does_wrong_is_named_without_its_answer(world: World, fault: Fault, said: str) -> None:
    world.plant("/key/generate", fault)

    with pytest.raises(RotationFailure) as failure:
        run(world, litellm=world.litellm(timeout_seconds=0.3))
    assert said in str(failure.value)
    assert "sk-shown" not in str(failure.value)
    assert failure.value.__cause__ is None
    world.fix()
    assert "issued and stored" in run(world)


def test_a_key_that_litellm_does_not_confirm_fails(world: World) -> None:
    world.plant("/key/info", Fault(status=401, body='{"error": {"type": "token_not_found_in_db"}}'))

    with pytest.raises(RotationFailure, match="does not know the stored key"):
        run(world)


def test_a_secret_with_something_else_in_it_is_named_without_its_value(world: World) -> None:
    world.store_value('{"other": "sk-shown"}')

    with pytest.raises(RotationFailure, match="not the JSON that this project stores") as failure:
        run(world)
    assert "sk-shown" not in str(failure.value)


def test_a_secret_that_can_not_be_written_is_named(world: World) -> None:
    missing = world.stored.model_copy(update={"name": "test/nowhere"})

    with pytest.raises(RotationFailure, match="test/nowhere in us-east-2 can't be written: ResourceNotFoundException"):
        type(world.store())(missing).write("sk-x")


@pytest.mark.parametrize(
    "body", ['{"error": {"type": "auth_error", "message": "Can not reach database"}}', "", "<html>"]
)
def test_preflight_2_a_key_that_litellm_could_not_check_is_not_replaced(world: World, body: str) -> None:
    run(world)
    kept = world.store().read()
    world.plant("/key/info", Fault(status=401, body=body))

    with pytest.raises(RotationFailure, match=r"could not check the key \(401\)"):
        run(world)
    assert world.store().read() == kept
