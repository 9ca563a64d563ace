"""The gate's verdict and its reports, whoever runs the program."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from sarif_pydantic import Level, Sarif  # pyright: ignore[reportMissingTypeStubs] typed, but without py.typed

from tests.cli.conftest import FakeBackend, Run
from workshop.cli.reports import WRITERS
from workshop.model.outcome import Outcome, Violation

URN = "urn:pulumi:sandbox::workshop::kubernetes:karpenter.k8s.aws/v1:EC2NodeClass::us-east-2-class"
REFUSED = Outcome(
    violations=(
        Violation(policy="storage-headroom", resource=URN, message="Storage holds.\n44 GiB | too small: set 224Gi"),
        Violation(policy="spend-estimate", resource=URN, message="100%, known: a, b", is_mandatory=False),
    )
)
FORMATS = ",".join(WRITERS)


@pytest.fixture
def refused(run: Run, fake: FakeBackend, tmp_path: Path) -> Path:
    fake.previewed = REFUSED
    result = run("gate", "--users", "20", "--format", FORMATS, "--to", str(tmp_path / "reports"))
    assert result.exit_code == 1
    assert "[storage-headroom] us-east-2-class: 44 GiB | too small: set 224Gi" in result.stdout
    return tmp_path / "reports"


def test_clean_ends_with_0_and_writes_what_is_asked(run: Run, fake: FakeBackend, tmp_path: Path) -> None:
    result = run("gate", "--users", "20", "--format", "markdown, json", "--to", str(tmp_path))

    assert result.exit_code == 0
    assert fake.asked == ["preview"]
    assert (tmp_path / "gate.md").read_text("utf-8").startswith("# Gate: sandbox, 20 users\n\nClean.\n")
    assert json.loads((tmp_path / "gate.json").read_text("utf-8"))["violations"] == []
    assert not (tmp_path / "gate.sarif").exists()


def test_settings_that_the_rules_refuse_are_reported_without_a_run(run: Run, fake: FakeBackend, tmp_path: Path) -> None:
    result = run("gate", "--users", "200", "--format", "json", "--to", str(tmp_path))

    assert result.exit_code == 1
    assert fake.asked == []
    found = json.loads((tmp_path / "gate.json").read_text("utf-8"))
    assert found["exit_code"] == 1
    assert all(violation["policy"].startswith("rules/") for violation in found["violations"])


def test_what_could_not_be_judged_ends_with_2_and_writes_nothing(run: Run, fake: FakeBackend, tmp_path: Path) -> None:
    fake.previewed = Outcome(error="the cluster does not answer")

    assert run("gate", "--users", "20", "--format", "json", "--to", str(tmp_path / "none")).exit_code == 2
    assert not (tmp_path / "none").exists()


def test_an_unknown_format_is_refused_with_those_that_exist(run: Run) -> None:
    result = run("gate", "--format", "html")

    assert result.exit_code == 2
    assert "html: must be of sarif, junit, github, markdown, json" in result.output.replace("\n", " ")


def test_sarif_names_rule_level_resource_and_file(refused: Path) -> None:
    log = Sarif.model_validate_json((refused / "gate.sarif").read_text("utf-8"))

    first, second = log.runs[0].results or []
    assert (first.rule_id, first.level, second.level) == ("storage-headroom", Level.ERROR, Level.NOTE)
    assert first.message.text == "us-east-2-class: 44 GiB | too small: set 224Gi"
    document = json.loads((refused / "gate.sarif").read_text("utf-8"))
    assert document["version"] == "2.1.0"
    place = document["runs"][0]["results"][0]["locations"][0]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == "Pulumi.sandbox.yaml"
    assert place["logicalLocations"][0]["fullyQualifiedName"] == URN
    rules = [rule["id"] for rule in document["runs"][0]["tool"]["driver"]["rules"]]
    assert len(rules) == len(set(rules))
    assert {"storage-headroom", "spend-estimate"} < set(rules)


def test_junit_has_a_case_for_every_policy(refused: Path) -> None:
    cases = ElementTree.parse(refused / "gate.junit.xml").iter("testcase")

    failures = {case.get("name"): [found.get("message") for found in case.iter("failure")] for case in cases}
    assert failures.pop("storage-headroom") == ["us-east-2-class: 44 GiB | too small: set 224Gi"]
    assert failures
    assert not any(failures.values())


def test_github_s_commands_are_escaped(refused: Path) -> None:
    assert (refused / "gate.github.txt").read_text("utf-8") == (
        "::error file=Pulumi.sandbox.yaml,line=1,title=storage-headroom::us-east-2-class: 44 GiB | too small: "
        "set 224Gi\n"
        "::notice file=Pulumi.sandbox.yaml,line=1,title=spend-estimate::us-east-2-class: 100%25, known: a, b\n"
    )


def test_markdown_keeps_its_table(refused: Path) -> None:
    text = (refused / "gate.md").read_text("utf-8")

    assert "Refused: 1 violations." in text
    assert "| storage-headroom | us-east-2-class | 44 GiB \\| too small: set 224Gi |" in text
    assert "| spend-estimate (advice) | us-east-2-class | 100%, known: a, b |" in text
