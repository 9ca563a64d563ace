"""A clock that never goes back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from workshop.event.keeper.steady_clock import SteadyClock

NOW = datetime(2026, 10, 2, 12, tzinfo=UTC)
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


def test_it_goes_with_the_other_and_on_where_that_goes_back() -> None:
    shown, ticks = [NOW], [100.0]
    clock = SteadyClock(lambda: shown[0], None, lambda: ticks[0])
    assert clock() == NOW
    shown[0], ticks[0] = NOW + HOUR, 101.0
    assert clock() == NOW + HOUR  # forward it may jump
    assert clock.problem() == ""

    shown[0], ticks[0] = NOW - HOUR, 111.0
    assert clock() == NOW + HOUR + 10 * SECOND
    shown[0], ticks[0] = NOW - HOUR + 5 * SECOND, 116.0
    assert clock() == NOW + HOUR + 15 * SECOND
    assert clock.problem() == "it is 7210 s behind what it showed before: the event goes by the latter"

    shown[0], ticks[0] = NOW + 2 * HOUR, 120.0
    assert clock() == NOW + 2 * HOUR
    assert clock.problem() == ""


def test_it_begins_no_earlier_than_what_another_keeper_has_kept() -> None:
    clock = SteadyClock(lambda: NOW, NOW + HOUR, lambda: 0.0)
    assert clock() == NOW + HOUR
    assert SteadyClock(lambda: NOW, NOW - HOUR, lambda: 0.0)() == NOW


def test_a_clock_that_is_put_right_by_little_is_no_problem() -> None:
    shown = [NOW]
    clock = SteadyClock(lambda: shown[0], None, lambda: 0.0)
    clock()
    shown[0] = NOW - 3 * SECOND
    assert clock() == NOW
    assert clock.problem() == ""
