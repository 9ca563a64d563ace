"""What settings, plan and observations give each component and provider: __snapshots__ has all of it.

`pytest --snapshot-update tests/program/test_wiring.py` writes them anew.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from syrupy.assertion import SnapshotAssertion

from tests.components.recorded import Registration, run
from tests.model.given import observe, settings, structure
from tests.program.declaring import EVENT, Declared, declared
from workshop.model.plan.plan import make_plan, plan_of_event
from workshop.model.settings.stack import Settings
from workshop.model.window.phases import Phase
from workshop.observe.sandbox_credentials import NO_TOKEN
from workshop.program.exports import stack_exports
from workshop.program.providers import make_providers
from workshop.program.stack import declare_stack


def told(one: Registration, stack: Declared) -> dict[str, Any]:
    provider = stack.by_urn[stack.within(one)[0].provider.rpartition("::")[0]].name
    return {"inputs": one.inputs, "provider": provider}


def wiring(stack: Declared, *prefixes: str) -> str:
    """Every component's inputs and provider, those whose kind begins so."""
    chosen = (one for one in stack.components if one.type.rpartition(":")[2].startswith(prefixes))
    return yaml.safe_dump({f"{one.type.rpartition(':')[2]} {one.name}": told(one, stack) for one in chosen}, width=1000)


def test_in_the_window(snapshot: SnapshotAssertion) -> None:
    assert wiring(declared(Phase.RUNNING), "") == snapshot


def test_after_the_window(snapshot: SnapshotAssertion) -> None:
    assert wiring(declared(Phase.AFTER), "Rotation", "WorkspaceNodes", "LiteLLM") == snapshot


def test_an_event_is_the_same_in_every_phase(snapshot: SnapshotAssertion) -> None:
    of_event = ("Event", "DeadMan", "Door", "Keeper", "SavedWork")
    before, running, after = (
        wiring(declared(phase, event=EVENT), *of_event) for phase in (Phase.BEFORE, Phase.RUNNING, Phase.AFTER)
    )
    assert re.sub(r"request: '.*'", "request: as in tests/model/event", before) == snapshot
    assert before == running == after


def test_without_an_event_there_is_nothing_of_it() -> None:
    assert wiring(declared(Phase.RUNNING), "Event", "DeadMan", "Door", "Keeper", "SavedWork") == "{}\n"


def test_without_a_host_there_is_no_door() -> None:
    event = {key: value for key, value in EVENT.items() if key != "join_host"}
    assert wiring(declared(Phase.BEFORE, event=event), "Door") == "{}\n"


def test_mail_has_its_password_its_port_and_its_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def here(folder: str) -> Path:
        return tmp_path / folder

    monkeypatch.setattr("workshop.program.event.in_project", here)
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "thanks.txt").write_text("Subject: Merci", encoding="utf-8")
    mail = {
        "host": "smtp.example.com",
        "port": 2525,
        "user": "workshop",
        "sender": "a@example.com",
        "templates": "mail",
    }
    stack = declared(Phase.BEFORE, event={**EVENT, "join_host": "join.coder.com", "mail": mail})
    keeper = stack.component("Keeper", "us-east-2").inputs
    assert keeper["secrets"]["WORKSHOP_EVENT_SMTP_PASSWORD"] == ["keeper-mail", "password"]
    assert keeper["mail_templates"] == {"thanks.txt": "Subject: Merci"}
    home, other = (stack.component("EventNamespace", region).inputs["ports"] for region in ("us-east-2", "us-west-2"))
    assert (2525 in home, 2525 in other) == (True, False)


def test_a_pool_says_which_event_was_declared_with_it() -> None:
    stack = declared(Phase.AFTER, event=EVENT)
    (pool,) = (one for one in stack.within(stack.component("WorkspaceNodes", "us-west-2")) if "pool" in one.name)
    annotations = pool.inputs["metadata"]["annotations"]
    assert annotations["ai-coder-workshop/event"] == "october 2026-11-01T21:30+00:00"


def test_without_a_window(snapshot: SnapshotAssertion) -> None:
    assert wiring(declared(None), "WorkspaceNodes") == snapshot


@pytest.mark.parametrize("scope", ["registry", "dns"])
def test_a_scope_declares_its_own_and_nothing_else(scope: str, snapshot: SnapshotAssertion) -> None:
    assert wiring(declared(None, scope=scope), "") == snapshot


def test_a_pool_that_is_not_there_is_not_closed() -> None:
    given = settings(window={"start": "2026-10-02T09:00-07:00", "duration": "4h"})

    def program() -> None:
        declare_stack(given, make_plan(given, phase=Phase.RUNNING), observe(given), make_providers(given))

    assert run(program).of_type("workshop:components:PreviousNodePool") == []


def test_a_region_without_provisioners_has_none() -> None:
    regions = [{**one, "hosts_provisioners": one["name"] != "eu-west-2"} for one in structure("regions")]
    stack = declared(Phase.RUNNING, regions=regions)

    assert [one.name for one in stack.recorded.of_type("workshop:components:Provisioners")] == [
        "us-east-2",
        "us-west-2",
    ]
    names = {one.name for one in stack.recorded.of_type("workshop:components:RotationSuspension")}
    assert names == {"us-east-2", "us-east-2-generator", "us-west-2"}


def providers(given: Settings) -> str:
    recorded = run(lambda: make_providers(given))
    return yaml.safe_dump(
        {one.name: one.inputs for one in recorded.resources if one.type.startswith("pulumi:providers:")}, width=1000
    )


@pytest.mark.parametrize("stack", ["sandbox", "workshop"])
@pytest.mark.parametrize("scope", ["all", "registry", "dns"])
def test_providers(stack: str, scope: str, snapshot: SnapshotAssertion, monkeypatch: pytest.MonkeyPatch) -> None:
    given = settings(stack, scope=scope)

    def nothing(_: Settings) -> str:
        return NO_TOKEN  # there may be a sandbox here

    monkeypatch.setattr("workshop.program.providers.sandbox_token", nothing)
    assert providers(given) == snapshot


def test_a_real_stacks_account_is_what_its_credentials_must_belong_to(snapshot: SnapshotAssertion) -> None:
    assert providers(settings("workshop", account="123456789012", scope="registry")) == snapshot


def test_exports_are_the_plans_figures(snapshot: SnapshotAssertion) -> None:
    assert json.dumps(stack_exports(plan_of_event(settings())), indent=1) == snapshot
