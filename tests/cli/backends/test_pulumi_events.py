"""The Pulumi CLI's events, as an outcome."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pytest
from pulumi.automation.events import EngineEvent

from workshop.cli.backends.pulumi_events import Events
from workshop.model.findings import Finding, Refused
from workshop.model.outcome import Change, Outcome, Violation
from workshop.sandbox.json_values import Json

read: Callable[[dict[str, object]], EngineEvent] = cast("Json", EngineEvent).from_json

URN = "urn:pulumi:live::workshop::aws:ecr/repository:Repository::base"


def step(operation: str, *properties: str) -> dict[str, object]:
    diff = {name: {"diffKind": "update", "inputDiff": True} for name in properties}
    metadata = {
        "op": operation,
        "urn": URN,
        "type": "aws:ecr/repository:Repository",
        "provider": "",
        "detailedDiff": diff,
    }
    return {"resourcePreEvent": {"metadata": metadata}}


def policy(level: str) -> dict[str, object]:
    return {
        "policyEvent": {
            "resourceUrn": URN,
            "message": " title\nbase: too small ",
            "color": "never",
            "policyName": "storage-headroom",
            "policyPackName": "workshop",
            "policyPackVersion": "1",
            "policyPackVersionTag": "1",
            "enforcementLevel": level,
        }
    }


def error(message: str) -> dict[str, object]:
    return {"diagnosticEvent": {"message": message, "color": "never", "severity": "error"}}


def outcome(*events: dict[str, object], failed: bool = False, applies: bool = True) -> Outcome:
    collected = Events(lambda _: None)
    for sequence, event in enumerate(events):
        collected(read({"sequence": sequence, "timestamp": 0, **event}))
    return collected.outcome(error=collected.error() or "failed" if failed else None, applies=applies)


@pytest.mark.parametrize(
    ("steps", "operation"),
    [
        ([step("create")], "create"),
        ([step("same")], "same"),
        ([step("update", "tags")], "update"),
        ([step("create-replacement"), step("replace"), step("delete-replaced")], "replace"),
        ([step("delete-replaced"), step("replace"), step("create-replacement")], "replace"),
        ([step("import"), step("update", "tags")], "import"),
        ([step("same"), step("delete")], "delete"),
    ],
)
def test_a_resource_counts_once(steps: list[dict[str, object]], operation: str) -> None:
    (change,) = outcome(*steps).changes
    assert (change.operation, change.name) == (operation, "base")


def test_an_update_names_its_properties() -> None:
    (change,) = outcome(step("update", "tags", "policy")).changes
    assert change.properties == ("policy", "tags")


def test_a_refresh_is_no_change() -> None:
    assert outcome(step("refresh")).changes == ()


def test_progress_hears_of_every_change() -> None:
    heard: list[Change] = []
    Events(heard.append)(read({"sequence": 0, "timestamp": 0, **step("create")}))
    assert [change.name for change in heard] == ["base"]


def test_a_mandatory_policy_refuses_and_explains_the_failure() -> None:
    found = outcome(policy("mandatory"), error("preview failed"), failed=True, applies=False)
    assert found.violations == (
        Violation(policy="storage-headroom", resource="base", message="title\nbase: too small", is_mandatory=True),
    )
    assert found.is_refused
    assert found.error is None


def test_an_advisory_policy_explains_no_failure() -> None:
    found = outcome(policy("advisory"), error("no credentials"), failed=True)
    assert not found.is_refused
    assert found.error == "no credentials"


def test_what_the_program_refuses_is_a_finding_of_the_rules() -> None:
    found = outcome(error("Program failed:\n[image-parity] eu-west-2: has another digest; why: fix\n"), failed=True)
    assert found.violations == (
        Violation(policy="rules/image-parity", resource="eu-west-2", message="eu-west-2: has another digest; why: fix"),
    )
    assert found.error is None


def test_what_no_look_up_answered_is_told_from_what_is_wrong() -> None:
    refused = Refused(
        tuple(
            Finding(rule="identity", resource="zone", problem=problem, why="why", fix="fix", is_judged=is_judged)
            for problem, is_judged in (("is another", True), ("could not look it up", False))
        )
    )
    found = outcome(error(f"Program failed:\n{refused}\n"), failed=True)
    assert found.violations == tuple(Violation.of_rule(finding) for finding in refused.findings)


def test_only_a_run_that_applies_and_changes_has_applied() -> None:
    assert outcome(step("create")).applied
    assert not outcome(step("same")).applied
    assert not outcome(step("create"), applies=False).applied
