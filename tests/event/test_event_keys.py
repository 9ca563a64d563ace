"""Seats' keys of LiteLLM, from the account to the event's end, on the sandbox's clusters, Coder and LiteLLM."""

from __future__ import annotations

from collections.abc import Generator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.event.sandbox_event import event_of, finish, workshop_in
from workshop.event.coder.errors import CoderRefused
from workshop.model.event.steps import Action
from workshop.model.plan.event import plan_event
from workshop.model.settings.section import given
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.servers.coder.state import Parameter
from workshop.sandbox.servers.coder.state_file import editing
from workshop.sandbox.servers.litellm.keys import Contents as LiteLLMs
from workshop.sandbox.servers.litellm.keys import Key, hashed

pytestmark = pytest.mark.slow
MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> Generator[SandboxPaths]:
    with workshop_in(tmp_path_factory.mktemp("event")) as found:
        yield found


def keys_of(paths: SandboxPaths, event: str) -> dict[str, Key]:
    """What LiteLLM has of an event, by hash, in the order of their aliases."""
    if not paths.litellm_file.exists():
        return {}  # it has issued none
    found = LiteLLMs.model_validate_json(paths.litellm_file.read_text(encoding="utf-8")).keys
    ours = {name: key for name, key in found.items() if (key.key_alias or "").startswith(f"{event}-")}
    return dict(sorted(ours.items(), key=lambda one: one[1].key_alias or ""))


def take_keys(paths: SandboxPaths, parameter: str) -> None:
    """Gives the template a parameter for them."""
    with editing(paths) as contents:
        docker = contents.templates["docker"]
        known = (*docker.parameters, Parameter(name=parameter, default=""))
        contents.templates = {**contents.templates, "docker": docker.model_copy(update={"parameters": known})}


def test_each_seat_has_a_key_for_its_share_until_nothing_runs(paths: SandboxPaths, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'event.db'}"
    take_keys(paths, "ai_key")
    with event_of(paths, "keyed", 2, url, ai_parameter="ai_key", ai_usd=39) as event, event.keeper() as keeper:
        event.until(keeper, lambda: event.states() == ["ready"] * 2)
        keys = keys_of(paths, "keyed")
        assert [(one.key_alias, one.max_budget) for one in keys.values()] == [
            ("keyed-workshop-01", 1.95),  # of 39 USD for 20 seats
            ("keyed-workshop-02", 1.95),
        ]
        life = given(plan_event(event.settings)).gone_at - event.now()
        for one in keys.values():  # LiteLLM's clock is not the sandbox's
            assert abs(given(one.expires) - one.created_at - life) < 2 * MINUTE
        seats = {one.workspace_id for one in event.store.records.seats()}
        builds = [each.builds[0] for name, each in event.contents().workspaces.items() if name in seats]
        secrets = {each.parameters["ai_key"] for each in builds}
        assert {hashed(each) for each in secrets} == {*keys}
        kept = repr(event.store.records.journal()) + repr(event.store.records.seats())
        assert not any(each in kept for each in secrets)

        finish(event, keeper)
        assert keys_of(paths, "keyed") == keys
        assert [each.action for each in keeper.once().done] == [Action.REVOKE]
        assert keys_of(paths, "keyed") == {}
        assert [one.key_alias for one in event.store.records.seats()] == [None, None]
        assert keeper.once().done == ()


def test_a_seat_whose_creation_was_interrupted_has_one_key(paths: SandboxPaths, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'event.db'}"
    with event_of(paths, "again", 1, url, ai_parameter="own_key", ai_usd=20) as event, event.keeper() as keeper:
        event.until(keeper, lambda: any(one.phase == "failed" for one in event.store.records.journal()))
        assert event.store.records.journal()[-1].text == (
            "template coder/docker has no parameter own_key (workshop:event.ai_parameter)"
        )
        assert keys_of(paths, "again") == {}
        take_keys(paths, "own_key")
        event.move(MINUTE)
        with pytest.MonkeyPatch.context() as patch:

            def refuse(*_: object, parameters: dict[str, str], **__: object) -> None:
                raise CoderRefused("POST", 400, f"{parameters['own_key']} is not valid")

            patch.setattr(event.systems.coder, "create_workspace", refuse)
            event.until(keeper, lambda: bool(keys_of(paths, "again")))
        [first] = keys_of(paths, "again")
        assert event.store.records.journal()[-1].text.endswith("(the seat's key) is not valid")
        event.move(MINUTE)
        event.until(keeper, lambda: event.states() == ["ready"])
        [second] = keys_of(paths, "again")
        assert second != first
        finish(event, keeper)
