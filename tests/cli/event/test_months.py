"""`workshop event months`, `retrospective` and `actions`: from one event to the next."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.cli.conftest import Run
from tests.cli.event.conftest import Begun, said
from tests.cli.event.test_report import seen
from tests.model.report.played import given, played
from workshop.cli.render.report.contents.retrospective import retrospective_sections
from workshop.cli.render.report.markdown import markdown
from workshop.model.report.actions import Actions
from workshop.model.report.report import make_report


@pytest.fixture
def october(checkout: Path) -> Path:
    """A report of an event that was played."""
    file = checkout / "october.json"
    file.write_text(make_report(given(), played()).model_dump_json(), encoding="utf-8")
    return file


def test_reports_are_kept_and_compared(run: Run, checkout: Path, october: Path) -> None:
    (checkout / "zones").mkdir()
    picture = checkout / "months.svg"
    result = run("event", "months", "--add", str(october), "--svg", str(picture))
    assert result.exit_code == 0, result.output
    assert "2026-10-06-october.json" in said(result.output)
    assert "people who came 10" in said(result.stdout)
    assert "Try 10 people: 10 came and work was lost: fewer until that is fixed." in said(result.stdout)
    assert (
        ET.fromstring(picture.read_text(encoding="utf-8"))[1].text
        == "october: 10 came, 100 % completed it, 11.8 % of starts failed"
    )
    document = json.loads(run("event", "months", "--json").stdout)
    assert [one["event"] for one in document["months"]] == ["october"]


def test_a_folder_can_be_named(run: Run, checkout: Path, october: Path) -> None:
    folder = checkout / "own"
    assert run("event", "months", str(folder), "--add", str(october)).exit_code == 0
    assert [file.name for file in folder.iterdir()] == ["2026-10-06-october.json"]


def test_without_reports_it_says_how_to_get_one(run: Run, checkout: Path) -> None:
    result = run("event", "months", str(checkout / "nowhere"))
    assert result.exit_code == 2
    assert "write one with workshop event report --json > FILE" in said(result.output)


def test_what_is_no_report_or_names_people_is_not_kept(run: Run, checkout: Path) -> None:
    wrong = checkout / "wrong.json"
    for text, why in (("{}", "is no report of an event (event: Field required)"), ("[1", "is no report of an event")):
        wrong.write_text(text, encoding="utf-8")
        result = run("event", "months", str(checkout / "own"), "--add", str(wrong))
        assert result.exit_code == 2
        assert why in said(result.output)
    wrong.write_text(make_report(given(), played(), with_names=True).model_dump_json(), encoding="utf-8")
    assert "This report names people" in said(run("event", "months", str(checkout / "own"), "--add", str(wrong)).output)
    assert not (checkout / "own").exists()


def test_a_retrospective_is_written_once(run: Run, begin: Begun, checkout: Path) -> None:
    seen(begin())
    page = checkout / "retrospective.md"
    result = run("event", "retrospective", "--users", "10", "--out", str(page))
    assert result.exit_code == 0, result.output
    assert "# Event october: retrospective" in page.read_text(encoding="utf-8")
    again = run("event", "retrospective", "--users", "10", "--out", str(page))
    assert again.exit_code == 2
    assert "is there, and people may have written in it" in said(again.output)


def test_a_retrospective_has_all_that_is_known(snapshot: SnapshotAssertion) -> None:
    report = make_report(given(), played())
    last = report.model_copy(update={"event": "september"})
    actions = Actions().with_one("Raise the quota | of *London*", "Ada", "september", report.start)
    assert markdown("Event october: retrospective", retrospective_sections(report, last, actions)) == snapshot


def test_actions_are_added_listed_and_done(run: Run, begin: Begun) -> None:
    begin(roster=None)
    nothing = run("event", "actions", "list")
    assert (nothing.exit_code, said(nothing.stdout)) == (0, "Open: 0 actions.")
    assert "Action 1 is in sandbox.yaml." in run("event", "actions", "add", "Raise the quota", "--owner", "Ada").stdout
    listed = run("event", "actions", "list")
    assert listed.exit_code == 1
    assert "1 Raise the quota Ada october" in said(listed.stdout)
    assert "Action 1 is done; 0 left." in run("event", "actions", "done", "1").stdout
    assert json.loads(run("event", "actions", "list", "--all", "--json").stdout)["actions"][0]["owner"] == "Ada"


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("add", "  "), "An action is a text of 1 to 500 characters"),
        (("add", "x" * 501), "An action is a text of 1 to 500 characters"),
        (("done", "3"), "Cannot do that: there is no action 3; open are none."),
    ],
    ids=["empty", "too-long", "unknown"],
)
def test_what_is_no_action_is_one_message(run: Run, begin: Begun, arguments: tuple[str, ...], why: str) -> None:
    begin(roster=None)
    result = run("event", "actions", *arguments)
    assert result.exit_code == 2
    assert why in said(result.output)


def test_a_file_of_actions_that_was_spoilt_is_one_message(run: Run, begin: Begun, checkout: Path) -> None:
    begin(roster=None)
    run("event", "actions", "add", "Raise the quota")
    file = next(checkout.parent.rglob("actions/sandbox.yaml"))
    file.write_text("actions: [{id: none}]", encoding="utf-8")
    result = run("event", "actions", "list")
    assert result.exit_code == 2
    assert "can't be read" in result.output
