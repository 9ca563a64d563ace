"""From a link to a seat of one's own, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.event.conftest import url as url
from tests.event.door.conftest import START, AtTheDoor

pytestmark = pytest.mark.xdist_group("postgres")


def test_a_link_is_redeemed_and_a_save_is_asked_for_and_done(door: AtTheDoor) -> None:
    browser, link = door.browser(), door.link()
    assert "Ada Example" in browser.get(link).text
    assert browser.post(link).headers["location"] == "/me"
    assert door.asked() == [("workshop-01", "accept", 1)]
    door.keeper_looks()
    assert [one.is_wanted for one in door.store.records.seats()] == [True, False, False]

    door.make_ready()
    page = browser.get("/me").text
    assert "Your workspace is ready" in page
    assert "5 h 0 min left" in page
    assert browser.post("/me/save", "/me").headers["location"] == "/me"
    assert "Save: asked for" in browser.get("/me").text
    door.keeper_looks()
    assert door.store.records.seats()[0].save_wanted_at == START
    assert "the work is being saved" in browser.get("/me").text
    door.save(1)
    assert "is being saved" not in browser.get("/me").text  # it says when it was
    assert [(one.action, one.subject, one.phase) for one in door.store.records.journal()] == [
        ("ask-accept", "workshop-01", "done"),
        ("ask-save", "workshop-01", "done"),
    ]


def test_who_only_looks_at_a_link_changes_nothing(door: AtTheDoor) -> None:
    """As mail scanners do, before the person comes."""
    scanner, link = door.browser(), door.link()
    for _ in range(3):
        assert scanner.get(link).status_code == 200
        assert scanner.client.head(link).status_code == 200
    assert door.asked() == []
    assert door.browser().post(link).status_code == 303


def test_one_person_is_on_as_many_devices_as_may_be(door: AtTheDoor) -> None:
    first = door.of()
    door.now += timedelta(minutes=1)
    second = door.of()
    link = door.link()
    third = door.browser()
    assert "is signed out" in third.get(link).text
    door.now += timedelta(minutes=1)
    assert third.post(link).status_code == 303
    assert [one.get("/me").status_code for one in (first, second, third)] == [403, 200, 200]


def test_signing_out_ends_the_session_itself(door: AtTheDoor) -> None:
    browser = door.of()
    token = browser.client.cookies["__Host-workshop"]
    assert browser.post("/sign-out", "/me").headers["location"] == "/"
    assert "__Host-workshop" not in browser.client.cookies
    assert door.browser(**{"__Host-workshop": token}).get("/me").status_code == 403


def test_a_withdrawn_invitation_ends_sessions(door: AtTheDoor) -> None:
    browser = door.of()
    door.store.invitations.revoke("workshop-01", door.now)
    assert browser.get("/me").status_code == 403


def test_a_session_is_over_one_day(door: AtTheDoor) -> None:
    browser = door.of()
    door.now += timedelta(days=13)
    assert browser.get("/me").status_code == 200
    door.now += timedelta(days=2)
    assert browser.get("/me").status_code == 403
