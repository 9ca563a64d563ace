"""Names that attack whoever reads them, through commands as people run them and in the files that they write."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest
from pydantic import ValidationError
from rich.console import Console

from tests.cli.conftest import FakeBackend, Run
from workshop.cli.render.preflight import as_junit, print_preflight
from workshop.cli.reports import PreflightReport
from workshop.cli.screen import Screen
from workshop.model.outcome import Change, Outcome, Violation
from workshop.model.preflight.record import Record, Result, Stage, Verdict

TITLE = "base\x1b]0;owned\x07\x1b[2J\x1b[31m"
"""A template's name that renames the window, clears the screen and writes on in red."""

NOW = datetime(2026, 11, 30, tzinfo=UTC)


def preflight_of(name: str) -> PreflightReport:
    result = Result(
        check="templates",
        stage=Stage.BEFORE_EVENT,
        verdict=Verdict.NO_GO,
        found=f"template {name} is not there",
        needed="every template",
        fix=f"coder templates push {name}",
    )
    record = Record(stack="s", settings="x", made_at=NOW, expires_at=NOW, checks=("templates",), results=(result,))
    return PreflightReport(users=20, record=record)


def test_a_template_s_name_moves_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    print_preflight(preflight_of(TITLE), Screen(as_json=False).results)
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert "\x07" not in said
    assert r"template base\x1b]0;owned\x07\x1b[2J\x1b[31m is not there" in " ".join(said.split())


@pytest.mark.parametrize("name", [TITLE, "a\0b", "a\ufffeb", "a\ud800b", "a\x0bb"], ids=ascii)
def test_junit_stays_xml(name: str) -> None:
    (failure,) = ElementTree.fromstring(as_junit(preflight_of(name))).iter("failure")
    assert f"template {ascii(name)[1:-1]} is not there" in str(failure.get("message"))


def test_a_saved_record_can_be_read_again() -> None:
    record = preflight_of("a\ud800\x1b").record
    assert Record.model_validate_json(record.model_dump_json()) == record
    with pytest.raises(ValidationError):
        Result.model_validate({**record.results[0].model_dump(), "found": 1})


@pytest.mark.parametrize("command", ["preview", "gate"])
def test_a_resource_s_name_moves_no_terminal_either(run: Run, fake: FakeBackend, tmp_path: Path, command: str) -> None:
    change = Change(operation="update", type="a:b", name=TITLE, urn="urn", properties=(TITLE,), drift=(TITLE,))
    violation = Violation(policy="p", resource=f"urn::{TITLE}", message=TITLE, is_mandatory=command == "gate")
    fake.previewed = Outcome(changes=(change,), violations=(violation,))
    formats = ("--format", "sarif,junit,markdown,github", "--to", str(tmp_path)) if command == "gate" else ()
    said = run(command, "--users", "20", *formats).output
    assert r"\x1b]0;owned\x07" in said
    assert "\x1b" not in said
    for file in tmp_path.glob("gate.*"):
        assert r"\x1b]0;owned\x07" in file.read_text("utf-8").replace("\\\\", "\\")
    if command == "gate":
        json.loads((tmp_path / "gate.sarif").read_text("utf-8"))
        ElementTree.parse(tmp_path / "gate.junit.xml")


def test_an_error_s_text_forges_nothing(run: Run, fake: FakeBackend) -> None:
    fake.previewed = Outcome(error=f"no answer: {TITLE}\u202e\r\x9b2K")
    said = run("preview", "--users", "20").output
    assert not any(one in said for one in "\x1b\u202e\r\x9b")
    assert "Could not run: no answer" in said


def test_a_table_s_columns_stay_where_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    from workshop.cli.render.tables import plain_table

    table = plain_table("host", "found")
    for host in (TITLE, "plain"):
        table.add_row(host, "x")
    Screen(as_json=False).results.print(table)
    said = capsys.readouterr().out
    assert r"base\x1b]0;owned\x07\x1b[2J\x1b[31m " in said  # as wide as it is shown
    rows = [line for line in said.splitlines() if line.rstrip().endswith(" x")]
    assert len({line.rindex("x") for line in rows}) == 1


def test_progress_is_no_markup(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(Console, "is_terminal", True)
    with Screen(as_json=False).saying("Checking [/]") as say:
        say(f"[/bold] {TITLE}")  # as markup it would raise
    assert "\x1b]0;" not in capsys.readouterr().err


def test_a_violation_without_a_message_is_shown(run: Run, fake: FakeBackend) -> None:
    fake.previewed = Outcome(violations=(Violation(policy="p", resource="r", message=""),))
    assert "1. [p] r: (no message)" in run("preview", "--users", "20").output


def test_sarif_links_nowhere(run: Run, fake: FakeBackend, tmp_path: Path) -> None:
    fake.previewed = Outcome(
        violations=(Violation(policy="p", resource="r", message="r: [see](https://evil.example)"),)
    )
    run("gate", "--users", "20", "--format", "sarif", "--to", str(tmp_path))
    text = json.loads((tmp_path / "gate.sarif").read_text("utf-8"))["runs"][0]["results"][0]["message"]["text"]
    assert text == "r: [see] (https://evil.example)"
