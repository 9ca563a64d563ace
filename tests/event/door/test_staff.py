"""The dashboard in the browser: what helpers and the instructor see and may, and what nobody else does."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.event.door.conftest import NAMES, AtTheDoor
from tests.model.event.board.scene import MINUTE, NOON, board, seat, workspace
from workshop.event.store.boards import Boards
from workshop.model.event.board.needs import SeatNotes

HAND = SeatNotes(display=NAMES[1], hand_at=NOON - 4 * MINUTE, hand_text="<b>which file?</b>")


@pytest.fixture
def event(door: AtTheDoor) -> AtTheDoor:
    """At noon: two seats run, and the person of the first has raised their hand."""
    door.now = NOON
    for number in (1, 2):
        door.make_ready(number)
        door.make(number, workspace_id=f"w{number}")
    shown = board((seat(1), seat(2)), (workspace(1), workspace(2)), notes={1: HAND})
    Boards(door.store.records.engine, "october").keep(shown)
    door.store.requests.raise_hand(1, NOON - 4 * MINUTE, "<b>which file?</b>")
    return door


def test_who_needs_help_stands_first_and_what_people_wrote_stays_text(event: AtTheDoor) -> None:
    text = event.of("staff-2").get("/staff").text
    assert "Needing help: 1" in text
    assert "raised a hand: &lt;b&gt;which file?&lt;/b&gt;, for 4 min" in text
    assert "<script>alert" not in text
    assert text.index('href="/staff/seat/1"') < text.index('href="/staff/seat/2"')
    assert "of 200 USD spent" in text
    assert 'data-refresh="15"' in text


def test_before_the_keepers_first_look_it_says_so(door: AtTheDoor) -> None:
    assert "keeper has not looked yet" in door.of("staff-1").get("/staff").text
    assert door.of("staff-1").get("/staff/seat/1").status_code == 200


@pytest.mark.parametrize("path", ["/staff", "/staff/seat/1", "/staff/seat/1/restart"])
def test_for_participants_it_is_not_there_and_who_has_not_come_in_is_told_how(event: AtTheDoor, path: str) -> None:
    assert event.of().get(path).status_code == 404
    assert event.browser().get(path).status_code == 403
    if path.endswith("restart"):
        assert event.of().post(path, "/me").status_code == 404
    assert {one.action for one in event.store.requests.unanswered()} == {"accept"}


def test_staff_begin_there(event: AtTheDoor) -> None:
    assert event.of("staff-1").get("/me").headers["location"] == "/staff"


@pytest.mark.parametrize("action", ["restart", "move", "save", "lower-hand", "logs", "look-in"])
def test_everything_is_confirmed_and_then_asked_of_the_keeper(event: AtTheDoor, action: str) -> None:
    helper = event.of("staff-2")
    assert f"/staff/seat/1/{action}" in helper.get("/staff/seat/1").text
    confirm = helper.get(f"/staff/seat/1/{action}")
    assert "workshop-01" in confirm.text
    assert event.store.requests.unanswered() == ()
    assert helper.post(f"/staff/seat/1/{action}").headers["location"] == "/staff/seat/1"
    (asked,) = event.store.requests.unanswered()
    assert (asked.person, asked.action, asked.seat, asked.data) == ("staff-2", action, 1, {})
    assert "it is done within 15 seconds" in helper.get("/staff/seat/1").text


def test_a_message_and_minutes_go_with_it(event: AtTheDoor) -> None:
    instructor = event.of("staff-1")
    instructor.post("/staff/seat/1/message", text=" hello ")
    instructor.post("/staff/seat/2/extend", minutes="45")
    instructor.post("/staff/seat/1/extend", minutes="²")
    assert [(one.seat, one.data) for one in event.store.requests.unanswered()] == [
        (1, {"text": "hello"}),
        (2, {"minutes": 45}),
        (1, {"minutes": 0}),
    ]
    event.keeper_looks()
    assert "Message: written to 1 terminal: hello." in instructor.get("/staff/seat/1").text
    assert "not done, minutes must be" in instructor.get("/staff/seat/1").text


def test_others_work_and_ends_are_the_instructors_alone(event: AtTheDoor) -> None:
    event.save(1)
    for action in ("download", "finish", "extend"):
        assert f"/staff/seat/1/{action}" not in event.of("staff-2").get("/staff/seat/1").text
        assert event.of("staff-2").get(f"/staff/seat/1/{action}").status_code == 404
        assert event.of("staff-2").post(f"/staff/seat/1/{action}", "/staff").status_code == 404
        assert f"/staff/seat/1/{action}" in event.of("staff-1").get("/staff/seat/1").text
    event.of("staff-1").post("/staff/seat/1/download")
    event.keeper_looks()
    assert "https://s3.example.com/october/01/" in event.of("staff-1").get("/staff/seat/1").text
    assert "https://s3.example.com" not in event.of("staff-2").get("/staff/seat/1").text
    assert [one.text for one in event.store.records.journal() if one.action == "ask-download"] == ["asked by staff-1"]


def test_nobody_looks_in_without_consent(event: AtTheDoor) -> None:
    helper = event.of("staff-2")
    helper.post("/staff/seat/1/look-in")
    event.keeper_looks()
    page = helper.get("/staff/seat/1").text
    assert "its person has not agreed that anybody looks into it" in page
    assert "coder ssh" not in page
    assert "looked in" not in event.of().get("/me").text
    event.store.requests.consent(1, event.now, event.now + timedelta(hours=1))
    event.now += MINUTE
    helper.post("/staff/seat/1/look-in")
    event.keeper_looks()
    page = helper.get("/staff/seat/1").text
    assert "coder ssh --disable-autostart person-1/workshop-01" in page
    assert "lets helpers look in until" in page
    assert "A helper looked in last" in event.of().get("/me").text
    assert [one.phase for one in event.store.records.journal() if one.action == "ask-look-in"] == ["failed", "done"]


def test_logs_stand_on_the_page_as_text(event: AtTheDoor) -> None:
    helper = event.of("staff-2")
    helper.post("/staff/seat/1/logs")
    (asked,) = event.store.requests.unanswered()
    event.store.requests.answer(asked.id, event.now, {"build": "<i>built</i>", "start": "", "app": ""})
    page = helper.get("/staff/seat/1").text
    assert "&lt;i&gt;built&lt;/i&gt;</pre>" in page
    assert "It is empty.</pre>" in page
    assert "built" not in event.of("staff-1").get("/staff/seat/1").text, "whoever wants them asks for them"


@pytest.mark.parametrize("path", ["/staff/seat/99", "/staff/seat/1/erase", "/staff/seat/1/admit", "/staff/seat/x"])
def test_what_there_is_not_is_not_there(event: AtTheDoor, path: str) -> None:
    assert event.of("staff-1").get(path).status_code == 404


def test_a_form_from_elsewhere_does_nothing(event: AtTheDoor) -> None:
    assert event.of("staff-1").post("/staff/seat/1/restart", origin="https://evil.example.com").status_code == 403
    assert event.store.requests.unanswered() == ()


def test_who_was_withdrawn_sees_nothing_more(event: AtTheDoor) -> None:
    helper = event.of("staff-2")
    assert helper.get("/staff").status_code == 200
    event.store.invitations.revoke("staff-2", event.now)
    assert helper.get("/staff").status_code == 403


def test_five_hundred_seats_are_one_page(event: AtTheDoor) -> None:
    numbers = range(1, 501)
    shown = board(tuple(map(seat, numbers)), tuple(map(workspace, numbers)))
    Boards(event.store.records.engine, "october").keep(shown)
    text = event.of("staff-1").get("/staff").text
    assert text.count('href="/staff/seat/') == 500
    assert len(text) < 100_000
