"""The page on the door shows every page of it, in pictures that are quick to load."""

from __future__ import annotations

import re

import pytest

from scripts.pictures.door import FOLDER, drawn
from tests.event.door.served import chromium

PICTURES = {file.name for file in FOLDER.iterdir()}
MOST_BYTES = 60 * 1024


def test_each_picture_is_shown_and_small() -> None:
    page = FOLDER.with_suffix(".md").read_text("utf-8")
    assert {*re.findall(r"\(door/([\w.-]+)\)", page)} == PICTURES
    assert {file.name for file in FOLDER.iterdir() if file.stat().st_size > MOST_BYTES} == set()


@pytest.mark.slow
@pytest.mark.chromium
def test_the_script_still_draws_each() -> None:
    """Not that they are the same: fonts differ from machine to machine."""
    with chromium() as browser:
        found = dict(drawn(browser))
    assert {f"{name}.jpeg" for name in found} == PICTURES
    assert all(picture.startswith(b"\xff\xd8") for picture in found.values())
