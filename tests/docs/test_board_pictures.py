"""The picture of the dashboard is what it shows today, and takes nothing from elsewhere."""

from __future__ import annotations

import re

from scripts.pictures.board import FOLDER, terminal

TEXT = (FOLDER / "terminal.svg").read_text("utf-8")


def test_the_picture_is_current() -> None:
    assert terminal() == TEXT, "run scripts/board-pictures"


def test_it_is_small_and_refers_to_nothing_elsewhere() -> None:
    assert len(TEXT) < 100_000
    assert set(re.findall(r"""https?://[^\s"')]+|@import""", TEXT)) <= {"http://www.w3.org/2000/svg"}
