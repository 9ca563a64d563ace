"""How far apart the runs of a cron schedule are."""

from __future__ import annotations

from datetime import timedelta

import pytest

from workshop.model.cron import longest_pause

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("schedule", "pause"),
    [
        ("17 */6 * * *", 6 * HOUR),
        ("* * * * *", HOUR / 60),
        ("*/7 * * * *", HOUR / 60 * 7),
        ("0,50 * * * *", HOUR / 60 * 50),
        ("5/20 * * * *", HOUR / 60 * 20),
        ("0 2 * * *", DAY),
        ("0 8-18/2 * * *", 14 * HOUR),
        ("0 2 * * 1-5", 3 * DAY),
        ("0 2 * * 0", 7 * DAY),
        ("0 2 * * 7", 7 * DAY),
        ("0 2 1 * *", 31 * DAY),
        ("0 2 1 * 1", 7 * DAY),
        ("0 2 */2 * *", 2 * DAY),
        ("0 2 1 1 *", 366 * DAY),
        ("0 2 30 2 *", 2922 * DAY),
        ("0 99 * * *", 2922 * DAY),
        ("*/0 5-* * * *", 2922 * DAY),
    ],
)
def test_the_longest_pause_between_two_runs(schedule: str, pause: timedelta) -> None:
    assert longest_pause(schedule) == pause
