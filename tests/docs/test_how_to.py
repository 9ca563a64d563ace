"""Every how-to is followed to its end."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.how_to import Step, follow, patched, steps
from workshop.sandbox.paths import CHECKOUT

PAGES = sorted(path for path in (CHECKOUT / "docs" / "how-to").glob("*.md") if path.name != "README.md")


NEEDING = {"mirror-images": [pytest.mark.regctl]}
"""Pages whose commands need a program that a machine may lack."""


@pytest.mark.slow
@pytest.mark.parametrize("page", [pytest.param(page, id=page.stem, marks=NEEDING.get(page.stem, [])) for page in PAGES])
def test_a_how_to_is_true(page: Path, tmp_path: Path) -> None:
    follow(page, tmp_path / "checkout")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_how_to_has_steps_to_follow(page: Path) -> None:
    assert any(step.kind == "sh" for step in steps(page.read_text("utf-8")))


def change(body: str) -> Step:
    return Step(kind="diff", about="FILE", body=body)


def test_a_diff_changes_each_place() -> None:
    assert patched("a\nb\nc\nd\n", change(" a\n+a2\n@@\n-c\n+C\n d\n")) == "a\na2\nb\nC\nd\n"


@pytest.mark.parametrize(("text", "count"), [("b\n", 0), ("a\nb\na\n", 2), ("aa\n", 0)])
def test_a_diff_whose_place_is_not_there_once_is_noticed(text: str, count: int) -> None:
    with pytest.raises(AssertionError, match=f"FILE: these lines are there {count} times"):
        patched(text, change(" a\n+c\n"))
