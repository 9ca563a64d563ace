"""By the room's code to a place in the queue, and by a helper to a seat."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.event.conftest import url as url
from tests.event.door.conftest import AtTheDoor, Browser

pytestmark = pytest.mark.xdist_group("postgres")
TEN = timedelta(minutes=10)


def enter(door: AtTheDoor, code: str, name: str = "Late Example", email: str = "late@example.com") -> Browser:
    browser = door.browser()
    assert browser.post("/room", code=code, name=name, email=email).headers.get("location") == "/me"
    return browser


def admit(door: AtTheDoor, helper: Browser, number: int = 0) -> None:
    identity = door.store.room.queue()[number].id
    assert helper.post("/staff/waiting/admit", "/staff/waiting", waiting=identity).status_code == 303
    door.keeper_looks()


def test_who_is_admitted_gets_the_reserve_and_their_page_shows_it(door: AtTheDoor) -> None:
    code = door.store.room.open(door.now, door.now + TEN)
    late = enter(door, f" {code.lower()} ")
    door.now += timedelta(seconds=1)
    enter(door, code, name="Later Example", email="later@example.com")
    assert "You are number 1" in late.get("/me").text
    helper = door.of("staff-2")
    page = helper.get("/staff/waiting").text
    assert page.index("Late Example") < page.index("Later Example")
    assert "late@example.com" not in page
    admit(door, helper)
    assert "Late Example, seat 9" in late.get("/me").text  # 8 seats, then the reserve
    seat = door.store.records.seats()[-1]
    assert (seat.seat, seat.email, seat.is_wanted) == (9, "late@example.com", True)
    assert [one.name for one in door.store.room.queue()] == ["Later Example"]
    admit(door, helper)
    assert [one.seat for one in door.store.records.seats()] == [1, 2, 3, 9, 10]


def test_who_is_in_the_roster_gets_their_own_seat(door: AtTheDoor) -> None:
    code = door.store.room.open(door.now, door.now + TEN)
    browser = enter(door, code, email="Person2@Example.com")
    admit(door, door.of("staff-1"))
    assert "seat 2" in browser.get("/me").text
    assert [one.seat for one in door.store.records.seats()] == [1, 2, 3]
    assert door.store.records.seats()[1].is_wanted


def test_when_all_seats_are_taken_the_helper_is_told(door: AtTheDoor) -> None:
    code = door.store.room.open(door.now, door.now + TEN)
    helper = door.of("staff-2")
    for number in range(8):
        enter(door, code, email=f"late{number}@example.com")
    for _ in range(7):
        admit(door, helper)
    assert len(door.store.records.seats()) == 10
    assert "Nobody was admitted: all 10 seats are taken" not in helper.get("/staff/waiting").text
    door.now += timedelta(minutes=1)
    admit(door, helper)
    assert "Nobody was admitted: all 10 seats are taken" in helper.get("/staff/waiting").text
    assert len(door.store.room.queue()) == 1


@pytest.mark.parametrize("state", ["never opened", "shut", "over", "of before"])
def test_a_code_works_while_the_room_is_open_with_it(door: AtTheDoor, state: str) -> None:
    code = "ABCDE-FGHJK" if state == "never opened" else door.store.room.open(door.now, door.now + TEN)
    if state == "shut":
        door.store.room.shut()
    if state == "over":
        door.now += TEN
    if state == "of before":
        door.store.room.open(door.now, door.now + TEN)
    found = door.browser().post("/room", code=code, name="Late", email="late@example.com")
    assert found.status_code == 404
    assert "does not work" in found.text
    assert 'value="late@example.com"' in found.text  # nothing is to be typed twice


@pytest.mark.parametrize(("name", "email"), [("", "a@example.com"), ("Ada", "nowhere"), ("A" * 200, "a@example.com")])
def test_name_and_address_are_needed(door: AtTheDoor, name: str, email: str) -> None:
    code = door.store.room.open(door.now, door.now + TEN)
    assert door.browser().post("/room", code=code, name=name, email=email).status_code == 400
    assert door.store.room.queue() == ()


def test_the_queue_is_not_filled_by_one(door: AtTheDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workshop.event.store.sessions.MOST_WAITING", 2)
    code = door.store.room.open(door.now, door.now + TEN)
    for _ in range(2):
        enter(door, code)
    assert door.browser().post("/room", code=code, name="Ada", email="ada@example.com").status_code == 503


def test_a_helper_binds_the_account_by_which_somebody_really_signs_in(door: AtTheDoor) -> None:
    helper = door.of("staff-2")
    assert helper.post("/staff/seat/1/bind", account="ada-elsewhere").status_code == 303
    door.keeper_looks()
    assert (door.store.records.seats()[0].account, door.store.records.seats()[0].is_found) == ("ada-elsewhere", False)
    door.make(1, workspace_id="w")
    door.now += timedelta(seconds=1)
    helper.post("/staff/seat/1/bind", account="ada-again")
    door.keeper_looks()
    assert door.store.records.seats()[0].account == "ada-elsewhere"
    assert "gets a fresh seat" in helper.get("/staff/seat/1").text
