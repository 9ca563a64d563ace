"""The engine's way in, end to end: one explicit provider and three things."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest

from tests.sandbox.engine.double import Cloud
from workshop.model.outcome import Outcome
from workshop.sandbox.engine.policies import pack as policies
from workshop.sandbox.engine.run import RunOperation, run

PROGRAM = """
import pulumi
from double_sdk import Provider, Thing

config = pulumi.Config()
provider = pulumi.ResourceOptions(provider=Provider("provider", prefix="x-"))
first = Thing("first", provider, name="first", value=config.get("value") or "1")
if not config.get_bool("short"):
    Thing("second", provider, name="second", value=first.address)
if config.get_bool("keep"):
    kept = pulumi.ResourceOptions(provider=provider.provider, protect=True)
    needed = Thing("needed", provider, name="needed")
    Thing("kept", kept, name="kept", value=needed.address, other="no dependency")
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

    def go(operation: RunOperation, *, refresh: bool = False, **config: str) -> Outcome:
        return run(
            operation,
            project="p",
            stack="sandbox",
            state_file=tmp_path / "stacks" / "sandbox.json",
            program=program,
            config={f"p:{key}": value for key, value in config.items()},
            providers={"double": cloud.provider},
            policy_pack=pack,
            refresh=refresh,
        )

    return go


def dependencies(tmp_path: Path) -> dict[str, tuple[list[str], dict[str, list[str]]]]:
    """By name of the resource: what the state says that it and its properties depend on, by name too."""
    state = json.loads((tmp_path / "stacks" / "sandbox.json").read_text())["deployment"]["resources"]

    def names(urns: list[str]) -> list[str]:
        return [urn.rpartition("::")[2] for urn in urns]

    return {
        record["urn"].rpartition("::")[2]: (
            names(record.get("dependencies", [])),
            {key: names(urns) for key, urns in record.get("propertyDependencies", {}).items()},
        )
        for record in state
    }


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


def test_properties_without_dependencies_are_in_the_state_until_a_destroy_has_read_it_back(
    go: Go, tmp_path: Path
) -> None:
    go("up", keep="true")
    assert dependencies(tmp_path)["kept"] == (["needed"], {"name": [], "other": [], "value": ["needed"]})
    go("destroy", keep="true")
    assert dependencies(tmp_path)["kept"] == (["needed"], {"name": [], "other": [], "value": ["needed"]})
    go("destroy", keep="true", refresh=True)
    assert dependencies(tmp_path)["kept"] == (["needed"], {"value": ["needed"]})


def test_what_a_refresh_finds_gone_nothing_depends_on_any_longer(go: Go, cloud: Cloud, tmp_path: Path) -> None:
    go("up")
    assert dependencies(tmp_path)["second"] == (["first"], {"name": [], "value": ["first"]})
    del cloud.objects["x-first"]
    go("refresh")
    assert dependencies(tmp_path)["second"] == ([], {})


UNSUPPORTED = {
    "transforms": "Thing('a', pulumi.ResourceOptions(transforms=[lambda args: None]))",
    "transforms ": "pulumi.runtime.register_resource_transform(lambda args: None)",
    "invoke transforms": "pulumi.runtime.register_invoke_transform(lambda args: None)",
    "replace_with": "Thing('b', pulumi.ResourceOptions(replace_with=[first]))",
    "error hooks": "pulumi.ErrorHook('hook', lambda args: True)",
    "state migrations": "Thing('a', pulumi.ResourceOptions(state_migrations=[lambda args: None]))",
    "stack references": "pulumi.StackReference('other')",
    "assets": "Thing('a', value=pulumi.StringAsset('text'))",
    "parameterized packages": (
        "from pulumi.runtime import settings, sync_await\n"
        "sync_await._sync_await(settings.register_package('a', '1.0.0', '', 'b', '1', ''))"
    ),
    "dynamic providers": (
        "from pulumi import dynamic\n"
        "class Made(dynamic.Resource):\n"
        "    def __init__(self): super().__init__(dynamic.ResourceProvider(), 'made', {})\n"
        "Made()"
    ),
}


@pytest.mark.parametrize("feature", UNSUPPORTED)
def test_what_only_the_cli_does_is_refused_by_name_and_never_with_advice_about_the_cli(
    go: Go, tmp_path: Path, feature: str
) -> None:
    (tmp_path / "program" / "__main__.py").write_text(f"{PROGRAM}\n{UNSUPPORTED[feature]}\n")
    error = go("preview").error
    assert error is not None
    assert f"the sandbox's engine does not support {feature.strip()}" in error
    assert "pdate the Pulumi CLI" not in error


def test_a_provider_that_is_nowhere_is_named_without_the_mark_of_an_unknown_id(go: Go, tmp_path: Path) -> None:
    go("up")
    stacks = tmp_path / "stacks" / "sandbox.json"
    state = json.loads(stacks.read_text())
    resources = state["deployment"]["resources"]
    unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
    state["deployment"]["resources"] = [r for r in resources if r["type"] != "pulumi:providers:double"]
    for record in state["deployment"]["resources"]:
        if "provider" in record:
            record["provider"] = f"{record['provider'].rpartition('::')[0]}::{unknown}"
    stacks.write_text(json.dumps(state))
    error = go("refresh").error
    assert error is not None
    assert "its provider pulumi:providers:double provider is neither in the program nor in the state" in error
    assert unknown not in error


SLOW = """
import pulumi
from double_sdk import Provider, Thing

provider = pulumi.ResourceOptions(provider=Provider("provider", prefix="x-"))
value = pulumi.Config().get("value")
slow = Thing("slow", provider, name="slow", value=value)
Thing("after", provider, name="after", value=slow.address)
Thing("quick", provider, name="quick", value=value, fail=pulumi.Config().get("fail"))
"""


@pytest.fixture
def slow(tmp_path: Path, cloud: Cloud, go: Go) -> Go:
    """A program of which one thing is ready only once another has been begun, which comes later."""

    def begin(_action: str, name: str) -> None:
        if name == "quick":
            cloud.ready["slow"].set()

    def again(operation: RunOperation, **config: str) -> Outcome:
        cloud.ready["slow"] = Event()
        return go(operation, **config)

    cloud.before_call = begin
    (tmp_path / "program" / "__main__.py").write_text(SLOW)
    return again


def test_others_go_on_while_a_provider_waits_and_what_depends_on_it_does_not(slow: Go, cloud: Cloud) -> None:
    for value, action in (("1", "create"), ("2", "update")):
        done = slow("up", value=value)
        assert (done.error, [change.operation for change in done.changes if change.name == "slow"]) == (None, [action])
    assert cloud.log == ["create slow", "create quick", "create after", "update slow", "update quick"]


def test_what_a_provider_waits_for_is_seen_to_its_end_although_something_else_fails(
    slow: Go, cloud: Cloud, tmp_path: Path
) -> None:
    failed = slow("up", fail="create")
    assert failed.error is not None
    assert "told to fail create" in failed.error
    assert {name for name in dependencies(tmp_path) if name in ("slow", "after", "quick")} == {"slow"}
    assert slow("up").error is None
    assert cloud.log == ["create slow", "create quick", "create after"]
