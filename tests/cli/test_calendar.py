"""`workshop calendar`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from icalendar import Calendar

from tests.cli.conftest import Run
from workshop.cli.render.event.calendar import calendar_file
from workshop.model.preflight.cadence import monthly


def entries(file: Path) -> dict[str, Any]:
    found: Any = Calendar.from_ical(file.read_bytes())
    return {str(one["uid"]): one for one in found.walk("VEVENT")}


def test_it_shows_workshops_and_what_is_due_before(run: Run, checkout: Path) -> None:
    (checkout / "zones").mkdir()
    result = run("calendar", "--months", "2")
    assert result.exit_code == 0, result.output
    assert result.stdout.count("WORKSHOP (not set yet)") == 2
    assert result.stdout.count("T-7: ") == 2


def test_entries_of_a_file_keep_their_uids_when_they_move(run: Run, checkout: Path) -> None:
    (checkout / "zones").mkdir()
    file = checkout / "workshops.ics"
    assert run("calendar", "--months", "2", "--ics", str(file)).exit_code == 0
    first = entries(file)
    assert len(first) == 8
    settings = checkout / "Pulumi.sandbox.yaml"
    month = min(first)[:7]
    window = f'\n  workshop:window: {{start: "{month}-28T23:59-07:00", duration: 2h}}\n'
    settings.write_text(settings.read_text(encoding="utf-8") + window, encoding="utf-8")
    assert run("calendar", "--months", "2", "--ics", str(file)).exit_code == 0
    moved = entries(file)
    key = next(uid for uid in first if uid.startswith(f"{month}-workshop"))
    assert (str(first[key]["status"]), str(moved[key]["status"])) == ("TENTATIVE", "CONFIRMED")
    assert first[key]["dtstart"].dt != moved[key]["dtstart"].dt
    assert moved[key]["dtstart"].dt.tzname() == "UTC"
    assert "checklist" in str(moved[key.replace("workshop@", "T-7@")]["description"])


def test_the_same_workshops_make_the_same_file() -> None:
    now = datetime(2026, 11, 30, tzinfo=UTC)
    planned = monthly(None, None, now, 2)
    assert calendar_file(planned, "example.com", now) == calendar_file(planned, "example.com", now)


def test_a_number_of_months_that_is_none_is_refused(run: Run, checkout: Path) -> None:
    assert run("calendar", "--months", "0").exit_code == 2
