"""The dashboard in Chromium, on a narrow screen: a helper's way without JavaScript, and axe on every page."""

from __future__ import annotations

from collections.abc import Generator

import pytest
from playwright.sync_api import Browser, Page

from tests.event.door.conftest import AtTheDoor
from tests.event.door.served import chromium, served, wrong_with
from tests.model.event.board.scene import MINUTE, NOON, board, node, run, seat, workspace
from workshop.event.store.boards import Boards
from workshop.model.event.board.needs import SeatNotes

pytestmark = [pytest.mark.slow, pytest.mark.chromium]
NARROW = {"width": 320, "height": 640}


@pytest.fixture(scope="module")
def browser() -> Generator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def event(door: AtTheDoor) -> AtTheDoor:
    """At noon, with a raised hand and somebody at the door."""
    door.now = NOON
    for number in (1, 2):
        door.make_ready(number)
        door.make(number, workspace_id=f"w{number}")
    shown = board(
        (seat(1), seat(2)),
        (workspace(1), workspace(2)),
        nodes=(node("i-1", 1, 2),),
        runs=(run("i-1"),),
        notes={1: SeatNotes(display="W" * 100, hand_at=NOON - 4 * MINUTE, hand_text="W" * 200)},
    )
    Boards(door.store.records.engine, "october").keep(shown.model_copy(update={"at_the_door": 1}))
    return door


def come_in(page: Page, origin: str, door: AtTheDoor, person: str) -> None:
    page.goto(origin + door.link(person))
    page.get_by_role("button", name="Come in").click()
    assert page.url == f"{origin}/staff"


def test_a_helper_needs_no_javascript(event: AtTheDoor, browser: Browser) -> None:
    with served(event) as origin:
        context = browser.new_context(viewport=NARROW, java_script_enabled=False)  # pyright: ignore[reportArgumentType]
        page = context.new_page()
        come_in(page, origin, event, "staff-2")
        page.get_by_role("link", name="workshop-01").click()
        page.get_by_role("link", name="Write to it").click()
        page.get_by_label("What is to be written").fill("I am coming")
        page.get_by_role("button", name="Write to it").click()
        page.get_by_text("Message: asked for").wait_for()
        event.keeper_looks()
        page.reload()
        page.get_by_text("written to 1 terminal: I am coming").wait_for()
        page.get_by_role("link", name="Restart").click()
        page.get_by_role("link", name="No, back to workshop-01").click()
        assert event.asked() == []
        context.close()


def test_axe_finds_nothing_and_no_page_is_too_wide(event: AtTheDoor, browser: Browser) -> None:
    found: dict[str, list[str]] = {}
    with served(event) as origin:
        context = browser.new_context(viewport=NARROW)  # pyright: ignore[reportArgumentType]
        page = context.new_page()
        come_in(page, origin, event, "staff-1")
        event.store.requests.ask("staff-1", "logs", NOON, seat=1)
        (asked,) = event.store.requests.unanswered()
        event.store.requests.answer(asked.id, NOON, {"build": "W" * 500, "start": "one\ntwo", "app": ""})
        for path in ("/staff", "/staff/seat/1", "/staff/seat/1/message", "/staff/seat/1/extend", "/staff/seat/1/move"):
            page.goto(origin + path)
            for summary in page.locator("summary").all():
                summary.click()
            found[path] = wrong_with(page)
        context.close()
    assert {path: wrong for path, wrong in found.items() if wrong} == {}
