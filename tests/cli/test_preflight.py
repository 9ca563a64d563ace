"""`workshop preflight` and `checklist`: what is said, what is written, and how they end."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from junitparser import JUnitXml

from tests.cli.conftest import Run
from tests.model.given import settings
from workshop.cli.render.preflight import FORMATS, as_junit, as_markdown, print_preflight
from workshop.cli.reports import Exit, PreflightReport
from workshop.cli.screen import Screen
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
    assert "| no-backlog | eu-west-2 | no-go | this | that | fix \\| it |" in text
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
