"""A workshop in the first week of each month."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from workshop.model.preflight.cadence import monthly
from workshop.model.preflight.runbook import Day
from workshop.model.settings.window import Window

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


def window(start: str) -> Window:
    return Window.model_validate({"start": start, "duration": "2h"})


def test_without_a_window_they_are_on_the_first_tuesday() -> None:
    planned = monthly(None, None, NOON, 3)
    assert [one.starts_at.isoformat() for one in planned] == [
        "2026-12-01T16:00:00+00:00",
        "2027-01-05T16:00:00+00:00",
        "2027-02-02T16:00:00+00:00",
    ]
    assert planned[0].ends_at - planned[0].starts_at == timedelta(minutes=90)
    assert not any(one.is_set for one in planned)


@pytest.mark.parametrize("day", range(1, 32))
def test_they_are_always_in_the_first_week(day: int) -> None:
    planned = monthly(window(f"2026-10-{day:02}T09:00-07:00"), None, NOON, 13)
    assert all(1 <= one.starts_at.day <= 7 for one in planned)
    assert len({one.key for one in planned}) == 13
    assert {(one.starts_at.weekday(), one.starts_at.hour) for one in planned} == {((day + 2) % 7, 9)}


def test_in_a_time_zone_it_is_as_late_all_year() -> None:
    planned = monthly(window("2026-10-06T09:00-07:00"), ZoneInfo("America/Los_Angeles"), NOON, 12)
    assert {one.starts_at.hour for one in planned} == {9}
    assert {one.starts_at.astimezone(UTC).hour for one in planned} == {16, 17}


def test_a_window_to_come_is_its_months_own() -> None:
    planned = monthly(window("2027-01-20T09:00-07:00"), None, NOON, 3)
    assert [(f"{one.starts_at:%m-%d}", one.is_set) for one in planned] == [
        ("12-02", False),
        ("01-20", True),
        ("02-03", False),
    ]
    assert [one.starts_at for one in monthly(window("2026-12-29T09:00-07:00"), None, NOON, 1)] == [
        datetime(2026, 12, 29, 16, tzinfo=UTC)
    ]


def test_what_is_due_before_is_the_checklists() -> None:
    first = monthly(None, None, NOON, 1)[0]
    assert [(one.day, first.starts_at - one.at) for one in first.reminders] == [
        (Day.WEEK_BEFORE, timedelta(days=7)),
        (Day.TWO_DAYS_BEFORE, timedelta(days=2)),
        (Day.DAY_BEFORE, timedelta(days=1)),
    ]
    assert "the number of users is decided" in first.reminders[0].what
