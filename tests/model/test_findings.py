"""Findings: how they are told, and which of them tell only of what is not known."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from tests.model.given import NO_ANSWER, findings, found, in_region, observe, settings
from workshop.model.findings import Finding, Refused, line
from workshop.model.names import MARK
from workshop.model.observations import ExistingObject, Observations, RegionObservations
from workshop.model.outcome import Violation
from workshop.model.plan.plan import plan_of_event
from workshop.model.settings.regions import Region
from workshop.model.settings.stack import Settings

FINDING = Finding(rule="quota", resource="EC2", problem="too small", why="nodes stay away", fix="raise it")
WINDOW = {"start": "2026-10-01T09:00-07:00", "duration": "4h"}


def silent(given: Settings) -> Observations:
    """What there is when no system answers."""

    def no_answer(_region: Region, here: RegionObservations) -> RegionObservations:
        by_name = {name: dict.fromkeys(getattr(here, name), NO_ANSWER) for name in ("deployments", "cron_jobs")}
        answers = {field.name: NO_ANSWER for field in fields(here)} | by_name
        return replace(here, **answers)  # pyright: ignore[reportArgumentType] names of its own fields

    zone_ids = dict.fromkeys(observe(given).zone_ids, NO_ANSWER)
    return replace(observe(given, no_answer), account=NO_ANSWER, records=NO_ANSWER, zone_ids=zone_ids)


def judged(given: Settings, observations: Observations) -> dict[str, set[bool]]:
    """By rule: whether what it found was judged."""
    told: dict[str, set[bool]] = {}
    for finding in findings(given, plan_of_event(given), observations):
        told.setdefault(finding.rule, set()).add(finding.is_judged)
    return told


def test_a_finding_is_told_with_its_rule() -> None:
    assert line(FINDING) == "[quota] EC2: too small; nodes stay away: raise it"
    assert line(replace(FINDING, is_judged=False)) == ("[quota, not judged] EC2: too small; nodes stay away: raise it")
    assert str(Refused((FINDING, replace(FINDING, is_judged=False)))).splitlines() == [
        line(FINDING),
        line(replace(FINDING, is_judged=False)),
    ]


@pytest.mark.parametrize("is_judged", [True, False])
def test_an_outcome_keeps_whether_a_rule_judged(is_judged: bool) -> None:
    assert Violation.of_rule(replace(FINDING, is_judged=is_judged)) == Violation(
        policy="rules/quota",
        resource="EC2",
        message="EC2: too small; nodes stay away: raise it",
        is_mandatory=True,
        is_judged=is_judged,
    )


def test_where_no_system_answers_nothing_is_judged() -> None:
    given = settings(window=WINDOW)

    assert judged(given, silent(given)) == {
        rule: {False}
        for rule in (
            "adoption",
            "identity",
            "image-parity",
            "patch-targets",
            "registry-replication",
            "rotation-targets",
            "scale-down",
        )
    }


def test_where_nothing_is_set_nothing_is_judged() -> None:
    given = settings("workshop")

    assert judged(given, observe(given)) == {"settings-complete": {False}}


def test_what_a_system_answers_is_judged() -> None:
    given = settings()
    wrong = replace(
        observe(given, lambda _, here: replace(here, image_digest=found("sha256:" + "0" * 64))), account=found("1")
    )

    assert judged(given, wrong) == {"identity": {True}, "image-parity": {True}}


@pytest.mark.parametrize(("running", "is_judged"), [(NO_ANSWER, False), (found({"workshop-workspaces": 3}), True)])
def test_a_change_under_workspaces_is_judged_where_these_are_known(running: object, is_judged: bool) -> None:
    spec = {"role": "another"}
    given = settings()
    answers = {
        "node_class": found(ExistingObject(is_ours=True, spec=spec, owner=MARK)),
        "running_workspaces": running,
    }

    told = judged(given, observe(given, in_region("us-east-2", **answers)))

    assert told["live-nodes"] == {is_judged}
    assert told["image-change"] == {is_judged}


def test_workspaces_that_are_known_to_run_outweigh_a_region_that_does_not_answer() -> None:
    given = settings()

    def answers(region: Region, here: RegionObservations) -> RegionObservations:
        running = NO_ANSWER if region.name == "us-east-2" else found({"coder-ws-all": 2})
        return replace(here, running_workspaces=running)

    told = [one for one in findings(given, plan_of_event(given), observe(given, answers)) if one.rule == "image-change"]

    assert told
    assert all(one.is_judged and "4 workspaces run" in one.problem for one in told)
