"""The engine's way in, end to end: one explicit provider and three things."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sandbox.engine.double import Cloud
from workshop.model.outcome import Outcome
from workshop.sandbox.engine import policies
from workshop.sandbox.engine.run import RunOperation, run

PROGRAM = """
import pulumi
from double_sdk import Provider, Thing

config = pulumi.Config()
provider = pulumi.ResourceOptions(provider=Provider("provider", prefix="x-"))
first = Thing("first", provider, name="first", value=config.get("value") or "1")
if not config.get_bool("short"):
    Thing("second", provider, name="second", value=first.address)
pulumi.export("address", first.address)
"""

PACK = """
import threading

from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy

def check(args, report):
    if args.resource_type == "double:index:Thing" and args.name == "first" and args.props["value"] == "bad":
        report("the value is bad")
    if args.resource_type == "double:index:Thing" and args.name == "first" and args.props["value"] == "hang":
        threading.Event().wait()

PolicyPack("pack", [ResourceValidationPolicy("no-bad", "No bad values.", check, EnforcementLevel.MANDATORY)])
"""

Go = Callable[..., Outcome]


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


@pytest.fixture
def go(tmp_path: Path, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Go:
    monkeypatch.setattr(sys, "path", [str(Path(__file__).parent / "sdk"), *sys.path])
    program = tmp_path / "program"
    pack = program / "pack"
    pack.mkdir(parents=True)
    (program / "__main__.py").write_text(PROGRAM)
    (pack / "PulumiPolicy.yaml").write_text("runtime: python\n")
    (pack / "__main__.py").write_text(PACK)

    def go(operation: RunOperation, **config: str) -> Outcome:
        return run(
            operation,
            project="p",
            stack="sandbox",
            state_file=tmp_path / "stacks" / "sandbox.json",
            program=program,
            config={f"p:{key}": value for key, value in config.items()},
            providers={"double": cloud.provider},
            policy_pack=pack,
        )

    return go


def plan(outcome: Outcome) -> dict[str, str]:
    assert outcome.error is None
    return {change.name: change.operation for change in outcome.changes}


def test_a_preview_touches_nothing(go: Go, cloud: Cloud, tmp_path: Path) -> None:
    assert plan(go("preview")) == {"p-sandbox": "create", "provider": "create", "first": "create", "second": "create"}
    assert cloud.log == []
    assert not (tmp_path / "stacks").exists()


def test_up_creates_and_a_second_up_changes_nothing(go: Go, cloud: Cloud) -> None:
    outcome = go("up")
    assert outcome.applied
    assert outcome.outputs == {"address": "x-first.example"}
    assert cloud.log == ["create first", "create second"]
    again = go("up")
    assert set(plan(again).values()) == {"same"}
    assert not again.applied
    assert cloud.log == ["create first", "create second"]


def test_only_what_differs_is_updated_and_what_is_gone_is_deleted(go: Go, cloud: Cloud) -> None:
    go("up")
    cloud.log.clear()
    outcome = go("up", value="2", short="true")
    assert plan(outcome) == {"p-sandbox": "same", "provider": "same", "first": "update", "second": "delete"}
    assert cloud.log == ["update first", "delete second"]


def test_a_violated_mandatory_policy_leaves_everything_as_it_was(go: Go, cloud: Cloud) -> None:
    outcome = go("up", value="bad")
    assert [(violation.policy, violation.is_mandatory) for violation in outcome.violations] == [("no-bad", True)]
    assert outcome.is_refused
    assert not outcome.applied
    assert cloud.log == []


@pytest.mark.parametrize("operation", ["preview", "up"])
def test_a_pack_that_does_not_answer_ends_the_run(
    go: Go, cloud: Cloud, monkeypatch: pytest.MonkeyPatch, operation: RunOperation
) -> None:
    monkeypatch.setattr(policies, "_ANSWER_SECONDS", 1)
    outcome = go(operation, value="hang")
    assert "the policy pack did not answer within 1 s about urn:pulumi:sandbox::p::" in str(outcome.error)
    assert cloud.log == []


def test_destroy_deletes_dependents_first(go: Go, cloud: Cloud) -> None:
    go("up")
    cloud.log.clear()
    assert set(plan(go("destroy")).values()) == {"delete"}
    assert cloud.log == ["delete second", "delete first"]
    assert cloud.objects == {}
