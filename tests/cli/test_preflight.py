"""`workshop preflight` and `checklist`: what is said, what is written, and how they end."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from junitparser import JUnitXml

from tests.cli.conftest import Run
from tests.model.given import settings
from workshop.checks.service import Inconclusive
from workshop.cli.commands.preflight import Moment, parse_moment
from workshop.cli.preflight import preview
from workshop.cli.render.preflight import FORMATS, as_junit, as_markdown, print_preflight
from workshop.cli.reports import Exit, PreflightReport
from workshop.cli.screen import Screen
from workshop.cli.stack import Stack, read_stack
from workshop.model.preflight.record import Record, Result, Stage, Verdict, make_record

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)


def result(verdict: Verdict, check: str = "identity", region: str = "") -> Result:
    fix = "" if verdict is Verdict.GO else "fix | it"
    return Result(
        check=check, stage=Stage.BEFORE_UP, region=region, verdict=verdict, found="this", needed="that", fix=fix
    )


def report(*results: Result) -> PreflightReport:
    record = make_record("sandbox", settings(), ["identity"], results, NOON)
    return PreflightReport(users=20, record=record)


ALL = report(
    result(Verdict.GO, "identity", "us-east-2"),
    result(Verdict.WARNING, "tls-lifetime"),
    result(Verdict.INCONCLUSIVE, "targets-up"),
    result(Verdict.NO_GO, "no-backlog", "eu-west-2"),
)


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [
        ((Verdict.GO, Verdict.WARNING), Exit.DONE),
        ((Verdict.GO, Verdict.NO_GO, Verdict.INCONCLUSIVE), Exit.REFUSED),
        ((Verdict.GO, Verdict.INCONCLUSIVE), Exit.COULD_NOT_RUN),
        ((), Exit.COULD_NOT_RUN),
    ],
)
def test_it_ends_as_it_says(verdicts: tuple[Verdict, ...], code: Exit) -> None:
    assert report(*(result(verdict) for verdict in verdicts)).exit_code is code


def test_the_screen_leads_with_the_answer_and_what_needs_somebody(capsys: pytest.CaptureFixture[str]) -> None:
    print_preflight(ALL, Screen(as_json=False).results)
    lines = [line.split() for line in capsys.readouterr().out.splitlines() if line]
    assert " ".join(lines[0]) == "No-go for 20 users: 1 no-go, 1 inconclusive, 1 warning, 1 go."
    assert [" ".join(line) for line in lines[1:4]] == [
        "No-go",
        "- no-backlog eu-west-2: this; needed: that",
        "Fix: fix | it",
    ]
    assert lines[-1] == ["Go:", "identity"]


def test_junit_fails_what_is_no_go_and_skips_what_could_not_be_told() -> None:
    parsed: Any = JUnitXml.fromstring(as_junit(ALL).encode())
    (suite,) = parsed
    found: Any = {case.name: [type(one).__name__ for one in case.result] for case in suite}
    assert found == {
        "identity us-east-2": [],
        "tls-lifetime": [],
        "targets-up": ["Skipped"],
        "no-backlog eu-west-2": ["Failure"],
    }


def test_markdown_has_a_row_for_each_and_the_digest() -> None:
    text = as_markdown(ALL)
    assert text.startswith("# Preflight: sandbox, no-go\n\n2026-10-01 12:00 UTC for 20 users: 1 no-go")
    assert "| `no-backlog` | `eu-west-2` | `no-go` | this | that | `fix \\| it` |" in text
    assert ALL.record.digest in text


def test_json_is_the_record() -> None:
    _, writer = FORMATS["json"]
    assert Record.model_validate_json(writer(ALL)).is_whole


def test_an_unknown_format_is_refused(run: Run) -> None:
    ran = run("preflight", "--users", "20", "--format", "pdf")
    assert ran.exit_code == 2
    assert "must be of json, junit, markdown" in ran.output


def test_the_checklist_is_ticked_by_somebody(run: Run, checkout: Path) -> None:
    assert run("checklist", "--users", "20", "--tick", "on-call").exit_code == 2
    refused = run("checklist", "--users", "20", "--tick", "quota", "--by", "Ada")
    assert (refused.exit_code, "not for a person to tick" in refused.output) == (2, True)
    ticked = run("checklist", "--users", "20", "--tick", "on-call", "--by", "Ada")
    assert ticked.exit_code == 1
    (file,) = checkout.parent.rglob("checklists/sandbox.yaml")
    assert "by: Ada" in file.read_text("utf-8")
    file.write_text("ticks: 3", "utf-8")
    assert "fix it by hand, or delete it" in " ".join(run("checklist", "--users", "20").output.split())


def test_a_tick_of_the_sandbox_is_not_to_be_committed(run: Run, checkout: Path) -> None:
    ticked = run("checklist", "--users", "20", "--tick", "on-call", "--by", "Ada")
    assert "Ticked in" in ticked.stderr
    assert "commit" not in ticked.stderr
    (checkout / "Pulumi.live.yaml").write_bytes((checkout / "Pulumi.sandbox.yaml").read_bytes())
    ticked = run("checklist", "--users", "20", "--stack", "live", "--tick", "on-call", "--by", "Ada")
    assert "checklists/live.yaml: commit it." in ticked.stderr


def test_the_checklist_has_dates_and_each_way_once(run: Run, checkout: Path) -> None:
    assert "No window is set, so there are no dates." in run("checklist", "--users", "20").stdout
    file = checkout / "Pulumi.sandbox.yaml"
    window = '  workshop:window: {start: "2020-03-10T09:00-07:00", duration: 4h}\n'
    file.write_text(file.read_text("utf-8") + window, "utf-8")
    shown = run("checklist", "--users", "20").stdout
    assert "A week before (T-7), from 2020-03-03 16:00 UTC (09:00 -07:00)\n" in shown
    two_days_before = shown.partition("Two days before")[2].partition("The day before")[0]
    assert two_days_before.count("scripts/workshop preflight --before up") == 1


@pytest.mark.parametrize("before", ["event", "doors", "up"])
def test_the_moment_has_its_name_and_the_one_it_had(before: str) -> None:
    assert parse_moment(before) is (Moment.UP if before == "up" else Moment.EVENT)


def test_another_moment_is_refused_with_those_there_are(run: Run) -> None:
    assert "must be up or event" in run("preflight", "--before", "lunch").stderr


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ("import time; time.sleep(60)", "the preview did not end within 0.2 s"),
        ("import os; os.kill(os.getpid(), 15)", "the preview ended by signal SIGTERM: "),
        ("raise SystemExit('no such thing')", "the preview ended with exit code 1: no such thing"),
    ],
)
def test_every_check_hears_the_same_of_a_preview_that_failed(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, script: str, found: str
) -> None:
    command = [sys.executable, "-c", script]

    def start(_: Stack) -> subprocess.Popen[bytes]:
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    monkeypatch.setattr(preview, "_start", start)
    if "sleep" in script:
        monkeypatch.setattr(preview, "_SANDBOX_SECONDS", 0.2)
    with preview.preview_of(read_stack("sandbox", 20), at_once=True) as run_preview:
        for _ in range(3):
            with pytest.raises(Inconclusive) as raised:
                run_preview()
            assert raised.value.found == found
