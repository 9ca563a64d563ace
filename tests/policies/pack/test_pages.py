"""docs/policies says what the policies are."""

from __future__ import annotations

from pathlib import Path

import pytest

import policies.pack.pages as written
from policies.pack.pages import FOLDER, page, pages
from policies.storage_headroom import STORAGE_HEADROOM


def test_the_pages_are_current() -> None:
    found = {file.name: file.read_text("utf-8") for file in FOLDER.glob("*.md")}

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
    written.main()

    assert {file.name: file.read_text("utf-8") for file in folder.glob("*.md")} == pages()
    assert (folder / "figure.svg").exists()
