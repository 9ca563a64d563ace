"""docs/policies says what the policies are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import policies.pack.pages as written
from policies.pack.pages import BY_HAND, FOLDER, page, pages
from policies.storage_headroom import STORAGE_HEADROOM


def test_the_pages_are_current() -> None:
    found = {file.name: file.read_text("utf-8") for file in FOLDER.glob("*.md") if file.name != BY_HAND}

    assert found == pages(), "run scripts/policy-docs"


def test_a_page_has_why_refusal_fix_configuration_and_source() -> None:
    text = page(STORAGE_HEADROOM)

    for part in (STORAGE_HEADROOM.title, STORAGE_HEADROOM.why, STORAGE_HEADROOM.fix, STORAGE_HEADROOM.source):
        assert part in text
    assert (
        "| `headroomPercent` | more than this share of a node's allocatable storage stays free at peak | `60` |" in text
    )


def test_writing_makes_the_folder_and_removes_pages_of_policies_that_are_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "docs" / "policies"
    monkeypatch.setattr(written, "FOLDER", folder)
    written.main()
    (folder / "gone.md").write_text("x", "utf-8")
    (folder / "figure.svg").write_text("x", "utf-8")
    (folder / BY_HAND).write_text("by hand", "utf-8")
    written.main()

    assert {file.name: file.read_text("utf-8") for file in folder.glob("*.md")} == {**pages(), BY_HAND: "by hand"}
    assert (folder / "figure.svg").exists()


def test_every_policy_and_test_that_the_table_of_kinds_names_exists() -> None:
    text = (FOLDER / BY_HAND).read_text("utf-8")
    rows = [line.split("|")[1:5] for line in text.splitlines() if re.match(r"\| \d", line)]
    ids = set(pages())
    for _, _, _, by in rows:
        for name in re.findall(r"\b[a-z]+(?:-[a-z]+)+\b", by):
            assert f"{name}.md" in ids, name
    tests = "".join(file.read_text("utf-8") for file in Path(__file__).parents[1].rglob("test_*.py"))
    assert {int(row[0]) for row in rows} == set(range(1, 17))
    for number in range(1, 17):
        assert f"def test_gate_{number}_" in tests, number
