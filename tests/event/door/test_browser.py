"""The main path in Chromium: on a narrow screen, without JavaScript, by keyboard only; and axe on every page."""

from __future__ import annotations

from collections.abc import Generator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser

from tests.event.door.conftest import AtTheDoor
from tests.event.door.served import chromium, served, wrong_with

pytestmark = [pytest.mark.slow, pytest.mark.chromium]
NARROW = {"width": 320, "height": 640}


@pytest.fixture(scope="module")
def browser() -> Generator[Browser]:
    with chromium() as found:
        yield found


def keep_looking(door: AtTheDoor) -> None:
    door.keeper_looks()
    door.make_ready()


@pytest.mark.parametrize("has_scripts", [True, False], ids=["scripts", "no-scripts"])
def test_from_the_link_to_the_workspace_and_back(door: AtTheDoor, browser: Browser, *, has_scripts: bool) -> None:
    with served(door) as origin:
        context = browser.new_context(viewport=NARROW, java_script_enabled=has_scripts)  # pyright: ignore[reportArgumentType]
        page = context.new_page()
        page.goto(origin + door.link())
        page.get_by_role("button", name="Come in").click()
        assert page.url == f"{origin}/me"
        keep_looking(door)
        page.reload()
        page.get_by_role("heading", name="Your workspace is ready").wait_for()
        page.get_by_role("link", name="Raise my hand").click()
        page.get_by_label("What is it about?").fill("My kernel died")
        page.get_by_role("button", name="Raise my hand").click()
        door.keeper_looks()
        page.reload()
        page.get_by_text("My kernel died").wait_for()
        page.get_by_role("button", name="Save my work now").click()
        page.get_by_text("Save: asked for").wait_for()
        page.get_by_role("link", name="Open my workspace").click()
        assert page.url == f"{origin}/static/@person-1/workshop-01"
        context.close()


def test_everything_is_reached_and_done_by_keyboard(door: AtTheDoor, browser: Browser) -> None:
    keep_looking(door)
    door.save(1)
    with served(door) as origin:
        context = browser.new_context(viewport=NARROW)  # pyright: ignore[reportArgumentType]
        page = context.new_page()
        page.goto(origin + door.link())
        reached: list[str] = []
        focused = "document.activeElement === document.body ? 'BODY' : document.activeElement.innerText"
        for _ in range(3):
            page.keyboard.press("Tab")
            reached.append(page.evaluate(focused))
            if reached[-1] == "Come in":
                page.keyboard.press("Enter")
                break
        page.wait_for_url(f"{origin}/me")
        for _ in range(20):
            page.keyboard.press("Tab")
            reached.append(page.evaluate(focused))
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none" or reached[-1] == "BODY"
        assert {
            "To the content",
            "Sign out",
            "Open my workspace",
            "Save my work now",
            "Download my work",
            "30 minutes more",
            "Raise my hand",
            "Let helpers look into my workspace for an hour",
            "Finish early",
        } <= {*reached}
        context.close()


def test_a_page_stays_current_by_itself_and_keeps_the_focus(door: AtTheDoor, browser: Browser) -> None:
    with served(door) as origin:
        context = browser.new_context()
        page = context.new_page()
        page.goto(origin + door.link())
        page.get_by_role("button", name="Come in").click()
        page.get_by_role("link", name="Raise my hand").focus()
        keep_looking(door)
        page.get_by_role("heading", name="Your workspace is ready").wait_for()
        assert page.evaluate("document.activeElement.id") == "hand"
        context.close()


def test_who_waits_for_coder_is_sent_there_by_the_page_itself(door: AtTheDoor, browser: Browser) -> None:
    for seat in (1, 2):
        door.make_ready(seat)
    with served(door, door={"coder_logins_per_minute": 1}) as origin:
        context = browser.new_context()
        page = context.new_page()
        for person in ("workshop-01", "workshop-02"):
            page.goto(origin + door.link(person))
            page.get_by_role("button", name="Come in").click()
            page.get_by_role("link", name="Open my workspace").click()
        page.get_by_text("You are number 1").wait_for()
        door.now += timedelta(minutes=1)
        page.wait_for_url(f"{origin}/static/@person-2/workshop-02")
        context.close()


def test_times_are_in_the_readers_own_zone(door: AtTheDoor, browser: Browser) -> None:
    with served(door) as origin:
        for zone, hour in (("Asia/Tokyo", "06:00 PM GMT+9"), ("America/New_York", "04:00 AM EST")):
            context = browser.new_context(timezone_id=zone, locale="en-US")
            page = context.new_page()
            page.goto(origin + door.link())
            shown = page.locator("time").first
            assert hour in shown.inner_text().replace("\u202f", " ")
            assert shown.get_attribute("title") == "Tue 1 Dec, 09:00 UTC"
            context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_no_page_is_too_wide(door: AtTheDoor, browser: Browser, scheme: str) -> None:
    code = door.store.room.open(door.now, door.now + timedelta(minutes=10))
    for seat in (1, 2):
        door.make_ready(seat)
    door.save(2)
    found: dict[str, list[str]] = {}
    with served(door, door={"coder_logins_per_minute": 1}) as origin:
        context = browser.new_context(viewport=NARROW, color_scheme=scheme)  # pyright: ignore[reportArgumentType]
        page = context.new_page()

        def look(title: str, path: str) -> None:
            page.goto(origin + path)
            assert page.title().startswith(title)
            found[title] = wrong_with(page)

        def come_in(person: str) -> None:
            page.goto(origin + door.link(person))
            page.get_by_role("button", name="Come in").click()

        look("Come in", "/")
        look("Not here", "/nowhere")
        look("Your invitation", door.link("workshop-02"))
        look("The room", "/room")
        for label, text in (("Code, as", code), ("Your name", "W" * 128), ("Mail address", "late@example.com")):
            page.get_by_label(label).fill(text)
        page.get_by_role("button", name="Wait for a place").click()
        look("You are in the queue", "/me")
        come_in("workshop-01")
        page.get_by_role("link", name="Open my workspace").click()
        come_in("workshop-02")
        page.get_by_role("button", name="Download my work").click()
        door.keeper_looks()
        look("Your workspace is ready", "/me")
        look("Raise your hand", "/me/hand")
        look("Finish early", "/me/finish")
        look("One moment", "/go")
        come_in("staff-2")
        look("Who waits", "/staff/waiting")
        context.close()
    assert {title: wrong for title, wrong in found.items() if wrong} == {}
