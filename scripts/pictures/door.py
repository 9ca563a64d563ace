"""The pictures in docs/door/: every page of the door, on a telephone, as Chromium shows it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from playwright.sync_api import Browser, Page

from tests.event.door.conftest import START, AtTheDoor, a_door
from tests.event.door.served import chromium, served
from workshop.sandbox.files import write_whole

FOLDER: Final = Path(__file__).parents[2] / "docs" / "door"
NAMES: Final = ("Ada Example", "Bo Example")
SIZE: Final = {"width": 360, "height": 480}


def drawn(browser: Browser) -> Iterator[tuple[str, bytes]]:
    """Contents by the name of their file."""
    with (
        TemporaryDirectory() as folder,
        a_door(f"sqlite:///{Path(folder) / 'event.db'}", NAMES) as door,
        served(door, door={"coder_logins_per_minute": 1}) as origin,
    ):
        page = browser.new_page(viewport=SIZE, locale="en-GB", timezone_id="Europe/London")  # pyright: ignore[reportArgumentType]
        for name in _pages(door, page, origin):
            yield name, page.screenshot(full_page=True, type="jpeg", quality=40)


def _pages(door: AtTheDoor, page: Page, origin: str) -> Iterator[str]:
    def look(path: str) -> None:
        page.goto(origin + path)

    def come_in(person: str) -> None:
        look(door.link(person))
        page.get_by_role("button", name="Come in").click()

    look("/nowhere")
    yield "nothing-here"
    look("/")
    yield "outside"
    code = door.store.room.open(door.now, door.now + timedelta(minutes=10))
    look("/room")
    yield "room"
    for label, text in (("Code, as", code), ("Your name", "Lea Example"), ("Mail address", "lea@example.com")):
        page.get_by_label(label).fill(text)
    page.get_by_role("button", name="Wait for a place").click()
    yield "in-the-queue"
    look(door.link())
    yield "invitation"
    door.now = START - timedelta(days=6)
    come_in("workshop-01")
    door.keeper_looks()
    page.reload()
    yield "planned"
    door.now = START - timedelta(minutes=50)
    door.make(1, state="starting")
    door.keeper_looks()
    page.reload()
    yield "building"
    door.make_ready()
    door.now = START + timedelta(minutes=70)
    door.save(1)
    page.get_by_role("heading", name="Your workspace is ready").wait_for()
    look("/me/hand")
    page.get_by_label("What is it about?").fill("My kernel died")
    yield "hand"
    page.get_by_role("button", name="Raise my hand").click()
    page.get_by_role("button", name="Save my work now").click()
    door.keeper_looks()
    page.reload()
    yield "ready"
    look("/me/finish")
    yield "finish"
    look("/go")
    door.make_ready(2)
    come_in("workshop-02")
    look("/go")
    yield "one-moment"
    door.make(2, state="stopped")
    door.save(2)
    door.keeper_looks()
    look("/me")
    page.get_by_role("button", name="Download my work").click()
    door.keeper_looks()
    page.reload()
    yield "saved"
    come_in("staff-2")
    look("/staff/waiting")
    yield "who-waits"


if __name__ == "__main__":
    with chromium() as found:
        for file, content in drawn(found):
            write_whole(FOLDER / f"{file}.jpeg", content)
