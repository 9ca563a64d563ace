"""Who may ask for what, and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.model.event.test_decisions import ASKED, START
from workshop.model.event.people import Role
from workshop.model.event.requests import Ask, Asked, Asker, Situation, free_seat, refusal
from workshop.model.event.seats import Seat, Span
from workshop.model.plan.event import plan_event
from workshop.model.settings.section import given

HOUR = timedelta(hours=1)
EVENT, PLAN = given(ASKED.event), given(plan_event(ASKED))
MAIN = Span(starts_at=START - HOUR, ends_at=START + 5 * HOUR)
SEAT = Seat(number=7, owner="ada", spans=(MAIN,), region="")
ADA = Asker(person="workshop-07", role=Role.PARTICIPANT, seat=7)
INES = Asker(person="staff-1", role=Role.INSTRUCTOR)
HUGO = Asker(person="staff-2", role=Role.HELPER)
HELPING = {"admit", "bind", "logs", "look-in", "lower-hand", "move", "restart", "save"}
DATA = {
    Ask.EXTEND: {"minutes": 30},
    Ask.ADMIT: {"waiting": "x"},
    Ask.BIND: {"account": "ada-l"},
}


def situation(
    state: str = "ready", now: datetime = START, seat: Seat | None = SEAT, *, has_work: bool = True
) -> Situation:
    return Situation(event=EVENT, plan=PLAN, now=now, is_over=False, seat=seat, state=state, has_work=has_work)


def asked(ask: str, asker: Asker, seat: int | None = 7) -> Asked:
    known = DATA[Ask(ask)] if ask in DATA else {}
    return Asked(id=1, at=START, person=asker.person, action=ask, seat=seat, data=known)


def judged(ask: str, asker: Asker, now: Situation | None = None, **data: object) -> str:
    return refusal(replace(asked(ask, asker), data={**asked(ask, asker).data, **data}), asker, now or situation())


def test_what_each_may() -> None:
    """Where the seat runs and something is saved: all but a start, which it does not need."""
    may = {one.person: {ask.value for ask in Ask if not judged(ask, one)} for one in (ADA, HUGO, INES)}
    assert may == {
        "workshop-07": {
            "accept",
            "save",
            "extend",
            "finish",
            "download",
            "raise-hand",
            "lower-hand",
            "consent",
            "withdraw-consent",
        },
        "staff-1": {*HELPING, "extend", "finish", "download"},
        "staff-2": HELPING,
    }


@pytest.mark.parametrize("ask", [*Ask])
def test_nobody_gets_anything_for_a_seat_of_somebody_else(ask: Ask) -> None:
    other = replace(ADA, person="workshop-08", seat=8)
    assert refusal(asked(ask, other), other, situation()) != ""
    assert refusal(asked(ask, other, seat=None), replace(other, seat=None), situation(seat=None)) != ""


@pytest.mark.parametrize("ask", [*Ask])
def test_whose_invitation_was_withdrawn_gets_nothing(ask: Ask) -> None:
    assert refusal(asked(ask, ADA), None, situation()) == "your invitation was withdrawn"


def test_what_nobody_knows_is_not_done() -> None:
    assert judged("format-disk", INES) == "nobody can ask for format-disk"
    assert refusal(asked("save", INES), INES, situation(seat=None)) == "there is no such seat"


@pytest.mark.parametrize(
    ("ask", "now", "why"),
    [
        ("save", situation("stopped"), "workshop-07 does not run"),
        ("finish", situation("stopped"), "workshop-07 does not run"),
        ("consent", situation("planned"), "workshop-07 does not run: there is nothing to look into"),
        ("download", situation(has_work=False), "nothing of workshop-07 is saved yet"),
        ("start", situation("planned"), "workshop-07 is started by itself"),
        ("start", situation("ready"), "workshop-07 runs, or is about to"),
        ("start", situation("planned", START - 2 * HOUR), "workshop-07 may run from 2026-12-01 08:00 UTC"),
        (
            "start",
            situation("stopped", START + 5 * HOUR),
            "the time of workshop-07 is over: an instructor can extend it",
        ),
        ("start", replace(situation("stopped"), is_over=True), "the event has ended"),
        (
            "extend",
            situation("stopped"),
            "workshop-07 does not run by the event's own time: it may be started again instead",
        ),
        ("extend", situation("ready", START + 5 * HOUR), "workshop-07 has ended already"),
        ("extend", replace(situation(), is_over=True), "the event has ended"),
    ],
    ids=lambda one: one if isinstance(one, str) and " " not in one else "",
)
def test_what_can_not_be_done_now_is_said(ask: str, now: Situation, why: str) -> None:
    assert judged(ask, ADA, now) == why


def test_a_seat_in_access_of_its_own_is_started_by_its_person() -> None:
    access = Span(starts_at=START + 6 * HOUR, ends_at=START + 30 * HOUR, hours=HOUR)
    later = situation("stopped", START + 10 * HOUR, replace(SEAT, spans=(MAIN, access)))
    assert judged("start", ADA, later) == ""
    assert "may be started again instead" in judged("extend", ADA, later)
    assert judged("start", ADA, replace(later, now=START + 31 * HOUR)) != ""
    assert judged("start", ADA, replace(later, seat=replace(SEAT, finished_at=START))) != ""


def test_a_seat_that_was_given_up_is_for_helpers_eyes_first() -> None:
    lost = situation("lost", seat=replace(SEAT, failures=3))
    assert judged("start", ADA, lost) == "workshop-07 failed to start three times: a helper looks at it"
    assert judged("start", INES, lost) == ""


@pytest.mark.parametrize("minutes", [0, -30, 1.5, "30", None, 10_081, True])
def test_minutes_are_whole_and_some(minutes: object) -> None:
    assert judged("extend", INES, minutes=minutes) == "minutes must be 1 to 10080"


def test_an_extension_ends_with_the_event_and_is_as_long_as_the_settings_say() -> None:
    assert judged("extend", INES, minutes=60) == ""
    assert judged("extend", INES, minutes=61) == "the event's latest end is 2026-12-01 15:00 UTC"
    assert judged("extend", ADA, minutes=60) == "30 minutes at a time may be asked for"


@pytest.mark.parametrize("account", ["", "-ada", "ada b", "a" * 33, 7, "../x"])
def test_an_account_has_a_name_of_coders(account: object) -> None:
    assert judged("bind", HUGO, account=account) == "an account is given by its username in Coder"


def test_who_comes_late_gets_the_reserve_first() -> None:
    plan = replace(PLAN, seats=3)
    assert free_seat(frozenset({1, 2}), plan, reserve=2) == 4
    assert free_seat(frozenset({1, 2, 4, 5}), plan, reserve=2) == 3
    assert free_seat(frozenset({1, 2, 3, 4, 5}), plan, reserve=2) is None
