"""The gate's verdict and its reports, whoever runs the program."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from sarif_pydantic import Level, Sarif  # pyright: ignore[reportMissingTypeStubs] typed, but without py.typed

from tests.cli.conftest import FakeBackend, Run
from workshop.cli.render.gate.formats import FORMATS as WRITERS
from workshop.model.outcome import Outcome, Violation

NOT_LOOKED_UP = Violation(
    policy="rules/identity",
    resource="AWS account",
    message="AWS account: could not look it up: AWS: no credentials; changes: make it reachable",
    is_judged=False,
)
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


def reports(run: Run, folder: Path, *arguments: str, stack: str = "sandbox") -> tuple[int, str]:
    """Exit code and what is said of a gate that writes every format."""
    result = run("gate", "--users", "20", "--stack", stack, "--format", FORMATS, "--to", str(folder), *arguments)
    return result.exit_code, result.stdout


def test_what_no_look_up_answered_is_not_judged(run: Run, fake: FakeBackend, tmp_path: Path) -> None:
    fake.previewed = Outcome(violations=(NOT_LOOKED_UP,))

    exit_code, said = reports(run, tmp_path)

    assert exit_code == 2
    said = " ".join(said.split())
    assert "Nothing wrong in what could be judged. 1 not judged. " in said
    assert (
        "Not judged: 1. [rules/identity] AWS account: could not look it up: AWS: no credentials; changes: make it "
        "reachable"
    ) in said
    assert "policies not judged: the program declares nothing before its own rules pass" in said
    assert reports(run, tmp_path, "--strict")[0] == 2


def test_advice_that_was_not_judged_fails_only_where_strict(run: Run, fake: FakeBackend, tmp_path: Path) -> None:
    fake.previewed = Outcome(violations=(replace(NOT_LOOKED_UP, policy="image-parity", is_mandatory=False),))

    assert reports(run, tmp_path)[0] == 0
    assert reports(run, tmp_path, "--strict")[0] == 2


def test_what_is_not_judged_is_so_in_every_format(run: Run, fake: FakeBackend, tmp_path: Path) -> None:
    fake.previewed = Outcome(violations=(NOT_LOOKED_UP,))
    reports(run, tmp_path)

    (sarif,) = json.loads((tmp_path / "gate.sarif").read_text("utf-8"))["runs"][0]["results"]
    assert (sarif["kind"], sarif["level"]) == ("open", "none")
    cases = {case.get("name"): case for case in ElementTree.parse(tmp_path / "gate.junit.xml").iter("testcase")}
    assert all(len(case.findall("skipped")) == 1 for case in cases.values())
    assert "no credentials" in str(cases["rules/identity"][0].get("message"))
    assert (tmp_path / "gate.github.txt").read_text("utf-8").startswith("::warning file=Pulumi.sandbox.yaml,line=1,")
    markdown = (tmp_path / "gate.md").read_text("utf-8")
    assert "Nothing wrong in what could be judged. 1 not judged." in markdown
    assert "| `rules/identity (not judged)` | AWS account | `" in markdown
    document = json.loads((tmp_path / "gate.json").read_text("utf-8"))
    assert (document["judged"], document["violations"][0]["is_judged"]) == ([], False)


def test_violations_weigh_more_than_what_is_not_judged(run: Run, fake: FakeBackend, tmp_path: Path) -> None:
    wrong = replace(NOT_LOOKED_UP, message="AWS account: is another one", is_judged=True)
    fake.previewed = Outcome(violations=(NOT_LOOKED_UP, wrong))

    exit_code, said = reports(run, tmp_path)

    assert exit_code == 1
    assert "Refused: 1 violation. 1 not judged." in said
    cases = {case.get("name"): case for case in ElementTree.parse(tmp_path / "gate.junit.xml").iter("testcase")}
    assert [found.tag for found in cases["rules/identity"]] == ["failure"]


def test_strict_changes_nothing_where_all_was_judged(run: Run, fake: FakeBackend, tmp_path: Path) -> None:
    assert reports(run, tmp_path, "--strict")[0] == 0
    fake.previewed = REFUSED
    assert reports(run, tmp_path, "--strict")[0] == 1


def test_the_real_stack_is_clean_but_for_what_nobody_has_set(run: Run, fake: FakeBackend, tmp_path: Path) -> None:
    exit_code, said = reports(run, tmp_path, stack="workshop")

    assert exit_code == 2
    assert fake.asked == []
    assert said.startswith("Stack workshop (real), account not set\nNothing wrong in what could be judged. ")
    assert "1. [rules/settings-complete] workshop:account: is not set; " in said
    assert reports(run, tmp_path, "--strict", stack="workshop")[0] == 2


def test_a_zone_without_its_id_is_never_clean(run: Run, fake: FakeBackend, checkout: Path) -> None:
    (checkout / "zones").mkdir()
    (checkout / "zones" / "new.io.yaml").write_text(
        "zone: new.io\ndomains: [new.io]\nrecords:\n  - {host: a.new.io, region: us-east-2}\n", "utf-8"
    )
    assert run("dns", "lock").exit_code == 0
    result = run("gate", "--stack", "sandbox-dns")

    assert result.exit_code != 0
    assert "not judged" in result.stdout
    assert run("up", "--stack", "sandbox-dns").exit_code != 0


def test_settings_that_refuse_are_violations_whatever_is_not_set(run: Run, fake: FakeBackend) -> None:
    result = run("gate", "--users", "200", "--stack", "workshop")

    assert result.exit_code == 1
    assert "Refused: 1 violation. " in result.stdout
    assert "Refused:\n1. [rules/users-ceiling] " in result.stdout


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
    assert document["runs"][0]["results"][0]["kind"] == "fail"
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
        "::notice file=Pulumi.sandbox.yaml,line=1,title=spend-estimate (advice)::us-east-2-class: 100%25, known: a, b\n"
    )


def test_markdown_keeps_its_table(refused: Path) -> None:
    text = (refused / "gate.md").read_text("utf-8")

    assert "Refused: 1 violation.\n" in text
    assert "| `storage-headroom` | `us-east-2-class` | `44 GiB \\| too small: set 224Gi` |" in text
    assert "| `spend-estimate (advice)` | `us-east-2-class` | `100%, known: a, b` |" in text
