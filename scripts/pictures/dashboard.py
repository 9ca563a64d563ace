"""docs/dashboard.svg: the live dashboard in a terminal, of a made event."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Final

from tests.cli.render.dashboard.given import Told, some_board
from tests.model.event.board.scene import MINUTE, NOON
from workshop.cli.render.dashboard.app import Dashboard
from workshop.sandbox.files import write_whole

PICTURE: Final = Path(__file__).parents[2] / "docs" / "dashboard.svg"
_ELSEWHERE: Final = re.compile(r"(?:@font-face \{.*?\}|<!--.*?-->)\s*", re.DOTALL)
"""Textual's fonts would come from there."""


def drawn() -> str:
    """As it stands there ten seconds after the keeper's look."""
    return asyncio.run(_drawn())


async def _drawn() -> str:
    app = Dashboard(Told(some_board()), lambda: NOON + MINUTE / 6)
    async with app.run_test(size=(100, 24)) as pilot:
        while not app.seats.row_count:
            await pilot.pause(0.05)
        await pilot.pause()
        picture = app.export_screenshot(title="workshop event dashboard")
    return re.sub(r"terminal-\d+", "terminal", _ELSEWHERE.sub("", picture))


if __name__ == "__main__":
    write_whole(PICTURE, drawn())
