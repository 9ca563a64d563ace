"""The picture of the comment in the docs is what the command says today, and takes nothing from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

from tests.dns.comment_picture import PICTURE, drawn, markdown


def test_the_picture_is_current(tmp_path: Path) -> None:
    assert PICTURE.read_text("utf-8") == drawn(markdown(tmp_path / "checkout")), "run scripts/comment-picture"


def test_it_refers_to_nothing_elsewhere() -> None:
    found = re.findall(r"""https?://[^\s"')]+|@import|href""", PICTURE.read_text("utf-8"))
    assert found == ["http://www.w3.org/2000/svg"]
