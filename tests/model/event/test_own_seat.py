"""How a participant's own seat stands, in plain words."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.model.event.test_requests import HOUR, MAIN, SEAT, START, situation
from workshop.model.event.own_seat import LastSave, Standing, own_seat
from workshop.model.event.receipts import Result
from workshop.model.event.seats import Span

SAVED = LastSave(at=START, result=Result.SAVED, reason="")


@pytest.mark.parametrize(
    ("state", "standing"),
    [
        ("ready", Standing.READY),
        ("starting", Standing.BUILDING),
        ("failed", Standing.BUILDING),
        ("stopping", Standing.ENDING),
        ("lost", Standing.TROUBLE),
        ("stopped", Standing.SAVED),
        ("gone", Standing.SAVED),
        ("planned", Standing.WAITING),
    ],
)
def test_each_state_of_the_keepers_is_one_of_the_persons(state: str, standing: Standing) -> None:
    assert own_seat(situation(state), None, 3, SAVED).standing is standing


def test_only_what_changes_by_itself_is_looked_at_often() -> None:
    changing = {
        state for state in ("ready", "starting", "stopping", "stopped", "planned", "lost")
        if own_seat(situation(state), None, 0, None).is_changing
    }  # fmt: skip
    assert changing == {"starting", "stopping", "planned"}


def test_before_its_time_a_seat_says_when_it_starts() -> None:
    now = own_seat(situation("planned", START - 3 * HOUR), None, 0, None)
    assert (now.standing, now.starts_at) == (Standing.PLANNED, START - HOUR)


@pytest.mark.parametrize(("before", "text"), [(0, "the next one"), (1, "1 workspace is"), (12, "12 workspaces are")])
def test_who_waits_is_told_how_many_come_first(before: int, text: str) -> None:
    assert text in own_seat(situation("planned"), None, before, None).text


def test_who_has_not_been_seen_by_the_keeper_is_told_that_they_will_be() -> None:
    assert "booked" in own_seat(situation("planned", seat=replace(SEAT, is_wanted=False)), None, 0, None).text


@pytest.mark.parametrize("result", [Result.FAILED, Result.REFUSED])
def test_work_that_is_not_saved_is_trouble_with_its_reason(result: Result) -> None:
    now = own_seat(situation("stopped"), None, 0, LastSave(at=START, result=result, reason="disk full"))
    assert now.standing is Standing.TROUBLE
    assert "disk full" in now.text


def test_after_the_end_a_seat_says_when_it_may_run_again() -> None:
    access = Span(starts_at=START + 6 * HOUR, ends_at=START + 30 * HOUR, hours=HOUR)
    now = own_seat(situation("stopped", START + 5.5 * HOUR, replace(SEAT, spans=(MAIN, access))), None, 0, SAVED)
    assert now.starts_at == access.starts_at
    over = own_seat(situation("unused", START + 6 * HOUR), None, 0, None)
    assert (over.standing, over.starts_at) == (Standing.OVER, None)


def test_a_seat_that_never_ran_when_the_whole_event_ended_is_over() -> None:
    ended = replace(situation("planned", START + timedelta(minutes=1)), is_over=True)
    assert own_seat(ended, None, 0, None).standing is Standing.OVER
