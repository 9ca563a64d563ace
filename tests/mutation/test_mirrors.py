"""Files, tests and lines that the mutation testing names are there: one that is not would go unjudged in silence."""

from __future__ import annotations

from tests.model.given import ROOT
from tests.mutation.mirrors import KEYWORDS, LEFT_OUT, MIRRORS, OF_FOLDERS
from tests.mutation.reasons import REASONS


def test_files_are_there() -> None:
    assert [file for file in {**MIRRORS, **KEYWORDS, **LEFT_OUT} if not (ROOT / file).exists()] == []


def test_tests_are_there() -> None:
    named = {test for tests in (*MIRRORS.values(), *OF_FOLDERS.values()) for test in tests}
    assert [test for test in sorted(named) if not (ROOT / "tests" / f"{test}.py").exists()] == []


def test_lines_that_have_a_reason_are_there() -> None:
    gone = [(file, line) for file, line, _ in REASONS if line not in (ROOT / file).read_text("utf-8")]
    assert gone == []
