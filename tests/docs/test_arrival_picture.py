"""The picture of the wait is what the model says today."""

from __future__ import annotations

from scripts.pictures.arrival import picture
from tests.model.given import ROOT


def test_the_picture_is_current() -> None:
    assert f"```text\n{picture()}```" in (ROOT / "docs" / "arrival.md").read_text("utf-8"), "run scripts/arrival"


def test_a_mark_says_where_the_target_is_missed() -> None:
    marked = {line.split()[0] for line in picture().rpartition("\n\n")[2].splitlines() if " ! " in line}
    assert marked == {"8", "9", "10", "11", "12", "13"}
