"""The README's picture of `up` is what the command prints today, and takes nothing from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scripts.pictures.up import PICTURE, drawn, printed


@pytest.mark.slow
def test_the_picture_is_current(tmp_path: Path) -> None:
    results = printed(tmp_path)

    assert "Ready" in results[0]
    assert "Refused" in results[1]
    assert PICTURE.read_text("utf-8") == drawn(results), "run scripts/up-picture"


def test_it_refers_to_nothing_elsewhere() -> None:
    found = re.findall(r"""https?://[^\s"')]+|@import|href""", PICTURE.read_text("utf-8"))
    assert found == ["http://www.w3.org/2000/svg"]


def test_the_list_of_changes_is_left_out_and_a_line_says_so() -> None:
    assert "more&#160;lines" in PICTURE.read_text("utf-8")
    assert "create&#160;" not in PICTURE.read_text("utf-8")


def test_the_commands_in_it_are_the_readmes() -> None:
    assert "    scripts/workshop up --users 20\n" in Path(PICTURE.parents[1], "README.md").read_text("utf-8")
