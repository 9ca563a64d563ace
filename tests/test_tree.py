"""What holds for the whole tree."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import DESELECTED
from workshop.sandbox.paths import CHECKOUT

FOLDERS = ("workshop", "components", "policies", "tests")
MAX_LINES = 300


def modules() -> list[Path]:
    return [CHECKOUT / "__main__.py", *(path for folder in FOLDERS for path in (CHECKOUT / folder).rglob("*.py"))]


def test_no_module_is_too_long_to_be_read() -> None:
    lengths = {str(path.relative_to(CHECKOUT)): len(path.read_text("utf-8").splitlines()) for path in modules()}
    assert {name: length for name, length in lengths.items() if length > MAX_LINES} == {}


def test_the_program_can_be_read_in_a_minute() -> None:
    assert len((CHECKOUT / "__main__.py").read_text("utf-8").splitlines()) < 60


def test_tests_are_in_files_that_pytest_collects() -> None:
    strays = [
        str(path.relative_to(CHECKOUT))
        for path in (CHECKOUT / "tests").rglob("*.py")
        if not path.name.startswith("test_") and "\ndef test_" in path.read_text("utf-8")
    ]
    assert strays == []


def test_every_test_file_is_collected(request: pytest.FixtureRequest) -> None:
    """A file that has no tests, or lies in a folder that is left out, would go unnoticed."""
    config = request.config
    asked = [Path(argument).resolve() for argument in config.args]
    if asked != [CHECKOUT / "tests"] or config.option.keyword or config.option.markexpr:
        pytest.skip("only some of the tests are run")
    collected = {item.path for item in request.session.items} | config.stash[DESELECTED]
    assert sorted(set((CHECKOUT / "tests").rglob("test_*.py")) - collected) == []
