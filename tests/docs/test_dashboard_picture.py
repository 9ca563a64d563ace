"""The picture of the dashboard is what it shows today, and takes nothing from elsewhere."""

from __future__ import annotations

import re

from scripts.pictures.dashboard import PICTURE, drawn


def test_the_picture_is_current() -> None:
    assert PICTURE.read_text("utf-8") == drawn(), "run scripts/dashboard-picture"


def test_it_is_small_and_refers_to_nothing_elsewhere() -> None:
    text = PICTURE.read_text("utf-8")
    assert len(text) < 100_000
    assert set(re.findall(r"""https?://[^\s"')]+|@import""", text)) <= {"http://www.w3.org/2000/svg"}
