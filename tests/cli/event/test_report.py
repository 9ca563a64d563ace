"""`workshop event report`: from the store to the terminal and to files."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.event.conftest import Begun, said, saved
from workshop.event.store.records import Records
from workshop.event.store.sightings import keep_state

NOW = datetime(2026, 10, 6, 12, tzinfo=UTC)


def test_before_anything_is_kept_it_says_so(run: Run, begin: Begun) -> None:
    begin()
    result = run("event", "report", "--users", "10")
    assert result.exit_code == 2
    assert "Could not run: There is no report: nothing of event october is kept yet: its keeper" in said(result.output)


def test_it_names_nobody_unless_asked_to(run: Run, begin: Begun, checkout: Path) -> None:
    records = begin()
    seen(records)
    result = run("event", "report", "--users", "10")
    assert result.exit_code == 0
    assert "Event october: report IN SHORT" in said(result.stdout)
    assert "3 had a seat, 2 accepted" in said(result.stdout)
    assert "Ada" not in result.stdout
    assert "Ada" in run("event", "report", "--users", "10", "--with-names").stdout


def test_json_and_markdown_have_the_same_facts(run: Run, begin: Begun, checkout: Path) -> None:
    seen(begin())
    file = checkout / "report.md"
    result = run("event", "report", "--users", "10", "--json", "--markdown", str(file))
    document = json.loads(result.stdout)
    assert (document["schema_version"], document["event"]) == (1, "october")
    assert document["people"]["everybody"]["invited"] == 3
    text = file.read_text(encoding="utf-8")
    assert text.startswith("# Event october: report\n\n## In short\n")
    assert "| everybody | 3 | 2 | 0 | not measured |" in text
    assert run("event", "report", "--users", "10", "--json").stdout == result.stdout


@pytest.mark.parametrize("option", ["--markdown", "--html", "--pdf"])
def test_what_can_not_be_written_is_one_message_and_nothing_is_left(
    run: Run, begin: Begun, checkout: Path, option: str
) -> None:
    seen(begin())
    (checkout / "file").touch()
    (checkout / "folder").mkdir()
    before = sorted(checkout.rglob("*"))
    for to in (checkout / "file" / "report", checkout / "folder"):
        result = run("event", "report", "--users", "10", option, str(to))
        assert result.exit_code == 2
        assert "Could not run:" in result.output
    assert sorted(checkout.rglob("*")) == before


def test_what_is_asked_for_by_a_command_is_in_the_journal(run: Run, begin: Begun) -> None:
    records = begin()
    seen(records)
    assert run("event", "extend", "--users", "10", "--by", "30").exit_code == 0
    assert next(one.text for one in records.journal() if one.action == "ask").startswith("All seats run until")
    metrics = json.loads(run("event", "report", "--users", "10", "--json").stdout)["metrics"]
    assert next(one["number"] for one in metrics if one["id"] == "interventions") == 1


def seen(records: Records) -> None:
    """What a keeper would have kept."""
    keep_state(records, records.seats()[0], "ready", None, NOW)
    records.add_receipt(saved(1, NOW))


def test_it_is_written_as_html_and_pdf_and_with_names_for_nobody_else(run: Run, begin: Begun, checkout: Path) -> None:
    seen(begin())
    page, paper = checkout / "report.html", checkout / "report.pdf"
    assert run("event", "report", "--users", "10", "--html", str(page), "--pdf", str(paper)).exit_code == 0
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert paper.read_bytes().startswith(b"%PDF")
    assert page.stat().st_mode & 0o777 == 0o644
    run("event", "report", "--users", "10", "--html", str(page), "--with-names")
    assert page.stat().st_mode & 0o777 == 0o600


def test_feedback_is_summed_up_and_becomes_the_rating(run: Run, begin: Begun, checkout: Path) -> None:
    seen(begin())
    answers = checkout / "answers.csv"
    answers.write_text("Name,Overall,Why\nAda,5,\x1b[31mgood\nBob,4,fine\n", encoding="utf-8")
    result = run("event", "feedback", str(answers))
    assert "2 people answered. The whole was rated 4.5 of 5." in said(result.stdout)
    assert "good" not in result.stdout
    assert "\\x1b[31mgood" in run("event", "feedback", str(answers), "--with-names").stdout
    assert json.loads(run("event", "feedback", str(answers), "--json").stdout)["rating"] == 4.5
    report = json.loads(run("event", "report", "--users", "10", "--feedback", str(answers), "--json").stdout)
    assert next(one["is_met"] for one in report["metrics"] if one["id"] == "satisfaction") is True


def test_feedback_that_is_none_is_one_message(run: Run, checkout: Path) -> None:
    assert "Could not run:" in run("event", "feedback", str(checkout / "nothing.csv")).output
    (checkout / "empty.csv").touch()
    result = run("event", "feedback", str(checkout / "empty.csv"))
    assert result.exit_code == 2
    assert "empty.csv can't be read: it is empty." in said(result.output)
