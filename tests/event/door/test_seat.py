"""What a participant sees and asks for, from a week before to a month after."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.event.conftest import url as url
from tests.event.door.conftest import START, AtTheDoor, Browser, request
from workshop.event.door.app import door_app
from workshop.event.store.database import engine_at
from workshop.model.event.extensions import Extension
from workshop.model.event.receipts import Result

pytestmark = pytest.mark.xdist_group("postgres")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def ask(door: AtTheDoor, browser: Browser, action: str, page: str = "/me", **form: str) -> str:
    """Presses a button, and answers what the page says once the keeper has looked."""
    assert browser.post(f"/me/{action}", page, **form).headers["location"] == "/me"
    door.keeper_looks()
    return browser.get("/me").text


def test_a_seat_is_told_in_plain_words_at_every_time(door: AtTheDoor) -> None:
    door.now = START - 7 * DAY
    browser = door.of()
    door.of("workshop-02")
    door.keeper_looks()
    page = browser.get("/me").text
    assert "Your place is booked" in page
    assert "Mon 30 Nov, 21:00 UTC" in page
    door.now = START - HOUR / 2
    for seat in (1, 2):
        door.make(seat, is_wanted=True)
    assert "the next one" in browser.get("/me").text
    assert "1 workspace is started before yours" in door.of("workshop-02").get("/me").text
    states = {
        "starting": "being built",
        "failed": "made again",
        "lost": "needs a helper",
        "stopping": "is ending",
        "stopped": "has ended",
    }
    for state, text in states.items():
        door.make(1, state=state)
        assert text in browser.get("/me").text, state
    door.make_ready()
    assert "is ready" in browser.get("/me").text


def test_work_that_is_saved_is_there_to_download(door: AtTheDoor) -> None:
    browser = door.of()
    door.make_ready()
    assert "ask-download" not in browser.get("/me").text
    door.save(1)
    page = ask(door, browser, "download")
    assert "https://s3.example.com/october/01/x-1.tar.gz" in page
    door.now += 6 * MINUTE
    page = browser.get("/me").text
    assert "too old by now" in page
    assert "s3.example.com" not in page


def test_work_that_could_not_be_saved_is_trouble(door: AtTheDoor) -> None:
    browser = door.of()
    door.save(1, Result.REFUSED, "600 MiB are more than 512")
    door.make(1, state="stopped")
    page = browser.get("/me").text
    assert "State: trouble" in page
    assert "600 MiB are more than 512" in page


def test_a_hand_is_raised_seen_and_lowered(door: AtTheDoor) -> None:
    browser = door.of()
    page = ask(door, browser, "raise-hand", "/me/hand", text="My kernel died\u202e")
    assert "Your hand is up" in page
    assert "My kernel died\\u202e" in page
    ask(door, browser, "raise-hand", "/me/hand", text="Again")
    assert [one.text for one in door.store.requests.hands()] == ["Again"]
    assert "Raise my hand" in ask(door, browser, "lower-hand")
    assert door.store.requests.hands()[0].closed_by == "workshop-01"


def test_more_time_is_named_with_its_end_and_price_and_given_once(door: AtTheDoor) -> None:
    browser = door.of()
    door.make_ready()
    page = browser.get("/me").text
    assert "30 minutes more" in page
    assert "Tue 1 Dec, 14:30 UTC" in page
    for _ in range(3):  # pressed again before the keeper has looked
        browser.post("/me/extend", "/me")
    door.keeper_looks()
    made = Extension(seat=1, made_at=START, ends_at=START + 5 * HOUR + 30 * MINUTE)
    assert door.store.records.extensions() == (made,)
    door.now += MINUTE
    ask(door, browser, "extend")
    assert "30 minutes more" not in browser.get("/me").text  # the latest end is reached
    door.now += MINUTE
    assert "latest end is 2026-12-01 15:00 UTC" in ask(door, browser, "extend")
    assert len(door.store.records.extensions()) == 2


def test_participants_extend_only_where_the_settings_let_them(door: AtTheDoor) -> None:
    door.app = door_app(request(door={"extension": "0m"}), door.engine, lambda: door.now)
    browser = door.of()
    door.make_ready()
    assert "minutes more" not in browser.get("/me").text


def test_who_is_done_finishes_early_after_a_second_thought(door: AtTheDoor) -> None:
    browser = door.of()
    door.make_ready()
    assert "Finish now?" in browser.get("/me/finish").text
    ask(door, browser, "finish", "/me/finish")
    assert door.store.records.seats()[0].finished_at == START


def test_a_stopped_seat_is_started_on_demand_while_its_time_lasts(door: AtTheDoor) -> None:
    door.now = START - 6 * HOUR  # in early access
    browser = door.of()
    door.keeper_looks()
    door.make(1, state="stopped")
    assert "coder/docker, 4 CPUs and 8 GiB" in browser.get("/me").text
    ask(door, browser, "start")
    assert door.store.records.seats()[0].start_wanted_at == door.now
    door.now = START + 6 * HOUR
    assert "ask-start" not in browser.get("/me").text
    assert "an instructor can extend it" in ask(door, browser, "start")


def test_consent_is_given_for_an_hour_and_can_be_withdrawn(door: AtTheDoor) -> None:
    browser = door.of()
    door.make_ready()
    assert "may look into your workspace until" in ask(door, browser, "consent")
    assert door.store.requests.consents(door.now) == {1: START + HOUR}
    ask(door, browser, "withdraw-consent")
    assert door.store.requests.consents(door.now) == {}


def test_a_silent_keeper_is_named_with_since_when(door: AtTheDoor) -> None:
    browser = door.of()
    assert "has not run yet" in browser.get("/me").text
    door.keeper_looks()
    assert "keeper" not in browser.get("/me").text
    door.now += 3 * MINUTE
    assert "was last heard of at 09:00 UTC" in browser.get("/me").text


def test_people_are_let_through_to_coder_at_its_pace(door: AtTheDoor) -> None:
    people = [door.of(f"workshop-{seat:02}") for seat in (1, 2, 3)]
    for seat in (1, 2, 3):
        door.make_ready(seat)
    door.app.state.door.logins._per_minute = 2
    found = [browser.get("/go") for browser in people]
    assert [one.status_code for one in found] == [303, 303, 200]
    assert found[0].headers["location"] == "https://ai.example.com/@person-1/workshop-01"
    assert "You are number 1: about 60 seconds" in found[2].text
    door.now += MINUTE
    assert people[2].get("/go").headers["location"] == "https://ai.example.com/@person-3/workshop-03"


def test_who_has_no_workspace_yet_is_not_sent_to_coder(door: AtTheDoor) -> None:
    assert door.of().get("/go").headers["location"] == "/me"


def test_while_the_database_is_away_a_page_says_so_and_nobody_is_signed_out(door: AtTheDoor) -> None:
    browser, there = door.of(), door.app
    door.app = door_app(request(), engine_at("postgresql://nobody@127.0.0.1:9/none"), lambda: door.now)
    cookies = dict(browser.client.cookies)
    found = door.browser(**cookies).get("/me")
    assert (found.status_code, found.headers["retry-after"]) == (503, "10")
    assert "You are still signed in" in found.text
    assert "set-cookie" not in found.headers
    door.app = there
    assert door.browser(**cookies).get("/me").status_code == 200
