"""How a window becomes a budget, judged by reading it as Karpenter does: is there a hit in the duration before now."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workshop.model.settings.window import Window
from workshop.model.window.disruption import Hold, hold_over

MOMENTS = st.integers(0, 6 * 365 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


def window(start: datetime, hours: int = 4, preparation: str = "24h", cool_down: str = "2h") -> Window:
    return Window.model_validate(
        {"start": start.isoformat(), "duration": f"{hours}h", "preparation": preparation, "cool_down": cool_down}
    )


def is_active(hold: Hold, now: datetime) -> bool:
    """As Karpenter works it out: whether the schedule's next hit after now less the duration is not after now."""
    minute, hour, day, month = (int(field) for field in hold.schedule.split()[:4])
    hours, minutes = (int(figure) for figure in re.findall(r"\d+", hold.duration))
    since = now - timedelta(hours=hours, minutes=minutes)
    return any(
        since < datetime(year, month, day, hour, minute, tzinfo=UTC) <= now
        for year in range(since.year, now.year + 1)
        if (month, day) != (2, 29) or year % 4 == 0
    )


@pytest.mark.parametrize(
    ("start", "hold"),
    [
        ("2026-12-01T09:00-08:00", Hold(schedule="0 17 30 11 *", duration="30h0m")),
        ("2027-01-01T00:30+00:00", Hold(schedule="30 0 31 12 *", duration="30h0m")),
        ("2028-03-01T09:00+00:00", Hold(schedule="0 9 29 2 *", duration="30h0m")),
        *(
            (f"2026-12-01T09:00:{seconds}+00:00", Hold(schedule="0 9 30 11 *", duration="30h1m"))
            for seconds in ("30", "01", "00.000001")
        ),
    ],
)
def test_the_schedule_is_the_opening_in_utc(start: str, hold: Hold) -> None:
    assert hold_over(window(datetime.fromisoformat(start))) == hold


@given(MOMENTS, st.integers(1, 168), st.sampled_from(["0m", "24h", "336h"]))
def test_it_holds_from_the_opening_to_the_close_and_lapses_by_itself(
    start: datetime, hours: int, preparation: str
) -> None:
    one = window(start, hours, preparation)
    hold = hold_over(one)
    minute = timedelta(minutes=1)

    for inside in (one.opens_at, one.start, one.start + one.duration, one.closes_at - timedelta(microseconds=1)):
        assert is_active(hold, inside)
    assert not is_active(hold, one.opens_at - minute)
    assert not is_active(hold, one.closes_at + minute)
    assert re.fullmatch(r"((\d+(h|m))|(\d+h\d+m))(0s)?", hold.duration)
