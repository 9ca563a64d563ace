"""The pictures in docs/board/: the live dashboard in a terminal, and its pages in Chromium on a telephone."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from playwright.sync_api import Browser

from tests.cli.render.dashboard.given import Told, some_board
from tests.event.door.conftest import a_door
from tests.event.door.served import chromium, served
from tests.model.event.board.scene import MINUTE, NOON
from workshop.cli.render.dashboard.app import Dashboard
from workshop.sandbox.files import write_whole

FOLDER: Final = Path(__file__).parents[2] / "docs" / "board"
SIZE: Final = {"width": 360, "height": 640}
NAMES: Final = tuple(f"Person {number}" for number in range(1, 28))
_ELSEWHERE: Final = re.compile(r"(?:@font-face \{.*?\}|<!--.*?-->)\s*", re.DOTALL)
"""Textual's fonts would come from there."""


def terminal() -> str:
    """As it stands there ten seconds after the keeper's look."""
    return asyncio.run(_terminal())


async def _terminal() -> str:
    app = Dashboard(Told(some_board()), lambda: NOON + MINUTE / 6)
    async with app.run_test(size=(100, 24)) as pilot:
        while not app.seats.row_count:
            await pilot.pause(0.05)
        await pilot.pause()
        picture = app.export_screenshot(title="workshop event dashboard")
    return re.sub(r"terminal-\d+", "terminal", _ELSEWHERE.sub("", picture))


def pages(browser: Browser) -> Iterator[tuple[str, bytes]]:
    """Contents by the name of their file: who needs help, one seat, and what is asked before anything is done."""
    with (
        TemporaryDirectory() as folder,
        a_door(f"sqlite:///{Path(folder) / 'event.db'}", NAMES) as door,
        served(door) as origin,
    ):
        door.now = NOON + MINUTE / 6
        door.make_ready(27)
        door.make(27, workspace_id="w27")
        door.store.requests.raise_hand(27, NOON - 4 * MINUTE, "which file is it?")
        door.store.boards.keep(some_board())
        page = browser.new_page(viewport=SIZE, locale="en-GB", timezone_id="Europe/London")  # pyright: ignore[reportArgumentType]
        page.goto(origin + door.link("staff-1"))
        page.get_by_role("button", name="Come in").click()
        for name, path in (("staff", ""), ("seat", "/seat/27"), ("restart", "/seat/27/restart")):
            page.goto(f"{origin}/staff{path}")
            yield name, page.screenshot(full_page=True, type="jpeg", quality=40)


if __name__ == "__main__":
    write_whole(FOLDER / "terminal.svg", terminal())
    with chromium() as found:
        for file, content in pages(found):
            write_whole(FOLDER / f"{file}.jpeg", content)
