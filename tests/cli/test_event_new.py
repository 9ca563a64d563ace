"""`workshop event new`: the next event, from the settings of the last."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from workshop.event.store.records import Records
from workshop.model.settings.config import settings_from_config, stack_config

NOVEMBER = ("event", "new", "november", "--start", "2099-11-06T09:00-07:00")
EVENT = """
  workshop:window: {start: "2098-10-02T09:00-07:00", duration: 5h}
  workshop:event:
    name: october # a new event has a new name
    template: coder/docker

    latest_end: 6h
    budget_usd: 200  # USD
"""


@pytest.fixture
def file(checkout: Path) -> Path:
    """The sandbox's settings, with an event."""
    file = checkout / "Pulumi.sandbox.yaml"
    file.write_text(file.read_text("utf-8") + EVENT, "utf-8")
    return file


def said(run: Run, *words: str, code: int = 2) -> str:
    result = run(*words)
    assert result.exit_code == code, result.output
    return " ".join(result.output.split())


def test_name_and_start_change_and_nothing_else(run: Run, file: Path) -> None:
    before = file.read_text("utf-8")
    text = said(run, *NOVEMBER, code=0)
    changed = before.replace('"2098-10-02T09:00-07:00"', "2099-11-06T09:00-07:00").replace("october", "november")
    assert file.read_text("utf-8") == changed
    assert "Event november is in Pulumi.sandbox.yaml." in text
    assert "workshop:event.name october november" in text
    assert "workshop:window.start 2098-10-02T09:00-07:00 2099-11-06T09:00-07:00" in text
    assert "Event october, if it was declared, is kept until 2098-11-01 22:30 UTC (15:30 -07:00)" in text
    assert text.endswith("Next: scripts/workshop event plan")
    project = (file.parent / "Pulumi.yaml").read_text("utf-8")
    found = settings_from_config({**stack_config(changed, project), "workshop:users": "5"})
    assert found.event is not None
    assert (found.event.name, found.event.template, found.event.budget_usd) == ("november", "coder/docker", 200)


def test_a_window_that_is_still_to_come_stays(run: Run, file: Path) -> None:
    said(run, "event", "new", "november", code=0)
    assert '"2098-10-02T09:00-07:00"' in file.read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("october",), "There was an event october already"),
        (("September",), "workshop:event.name is September"),
        (("november", "--start", "tomorrow"), "workshop:window.start is tomorrow"),
        (("november", "--start", "2020-01-01T09:00+00:00"), "start, 2020-01-01 09:00 UTC, is past: add --start"),
        (("november", "--from", "may"), "No stack has an event may; there is october"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(
    run: Run, file: Path, words: tuple[str, ...], problem: str
) -> None:
    before = file.read_bytes()
    assert problem in said(run, "event", "new", *words)
    assert file.read_bytes() == before


def test_a_name_of_which_something_is_kept_is_refused(run: Run, file: Path) -> None:
    data = file.parents[1] / "data"
    data.mkdir()
    with closing(Records(f"sqlite:///{data / 'event-sandbox.db'}", "november")):
        pass
    assert "There was an event november already" in said(run, *NOVEMBER)
    assert "name: october" in file.read_text("utf-8")


def test_another_stack_s_event_can_be_taken(run: Run, file: Path) -> None:
    other = file.with_name("Pulumi.sandbox-two.yaml")
    other.write_text(file.read_text("utf-8").replace("budget_usd: 200", "budget_usd: 300"), "utf-8")
    bare = file.read_text("utf-8").partition("  workshop:event:")[0]
    file.write_text(bare, "utf-8")
    assert "has no event to begin with: add --from" in said(run, "event", "new", "november")
    said(run, "event", "new", "november", "--from", "october", code=0)
    assert file.read_text("utf-8").startswith(bare)
    assert "budget_usd: 300" in file.read_text("utf-8")
    assert "name: november" in file.read_text("utf-8")


def test_a_key_that_would_have_to_go_is_named(run: Run, file: Path) -> None:
    other = file.with_name("Pulumi.sandbox-two.yaml")
    text = file.read_text("utf-8").replace("october", "may").replace("latest_end: 6h\n", "seats: 3\n")
    other.write_text(text, "utf-8")
    before = file.read_bytes()
    text = said(run, "event", "new", "november", "--from", "may")
    assert "Cannot edit Pulumi.sandbox.yaml: latest_end would have to go. Nothing was changed." in text
    assert file.read_bytes() == before


def test_without_a_window_it_says_what_to_set(run: Run, file: Path) -> None:
    file.write_text(file.read_text("utf-8").replace("  workshop:window:", "  # window:"), "utf-8")
    assert "Stack sandbox has no window: set workshop:window in Pulumi.sandbox.yaml" in said(run, *NOVEMBER)


def test_while_an_event_runs_its_commands_stay_its_own(run: Run, file: Path) -> None:
    data = file.parents[1] / "data"
    data.mkdir()
    start = (datetime.now(UTC) - timedelta(hours=1)).isoformat(timespec="minutes")
    file.write_text(file.read_text("utf-8").replace("2098-10-02T09:00-07:00", start), "utf-8")
    with closing(Records(f"sqlite:///{data / 'event-sandbox.db'}", "october")) as records:
        assert "Event october is running, and the commands that extend, save and end it" in said(run, *NOVEMBER)
        records.settle(datetime.now(UTC))
        said(run, *NOVEMBER, code=0)
