"""What holds for the whole tree."""

from __future__ import annotations

import io
import re
import subprocess
import tokenize
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import DESELECTED
from workshop.sandbox.paths import CHECKOUT

FOLDERS = ("workshop", "components", "policies", "tests")
MAX_LINES = 300
FILE_NAME = re.compile(r"(?<![\w/.:@*{}<>$~\"'-])(?:[\w.-]+/)*[\w-]+\.(?:md|py|ya?ml|toml|svg|lock)\b(?![*(/])")
PLACEHOLDER = re.compile(r"NAME|STACK|ZONE")


def modules() -> list[Path]:
    return [CHECKOUT / "__main__.py", *(path for folder in FOLDERS for path in (CHECKOUT / folder).rglob("*.py"))]


def test_no_module_is_too_long_to_be_read() -> None:
    lengths = {str(path.relative_to(CHECKOUT)): len(path.read_text("utf-8").splitlines()) for path in modules()}
    assert {name: length for name, length in lengths.items() if length > MAX_LINES} == {}


def test_what_is_no_module_is_installed_all_the_same() -> None:
    packaged = tomllib.loads((CHECKOUT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["package-data"]
    folders = {name: CHECKOUT.joinpath(*name.split(".")) for name in packaged}
    installed = {path for name, patterns in packaged.items() for each in patterns for path in folders[name].glob(each)}
    tracked = subprocess.run(["git", "ls-files", "-z", "workshop"], cwd=CHECKOUT, capture_output=True, check=True)
    files = [CHECKOUT / name for name in tracked.stdout.decode().split("\0") if name and not name.endswith(".py")]
    assert [str(path.relative_to(CHECKOUT)) for path in files if path not in installed] == []


def test_nothing_outside_of_the_tests_imports_them() -> None:
    """What starts tests, or measures by their means, is one of their packages, such as tests/mutation."""
    folders = ("workshop", "components", "policies", "benchmarks")
    importing = [
        str(path.relative_to(CHECKOUT))
        for folder in folders
        for path in (CHECKOUT / folder).rglob("*.py")
        if re.search(r"^\s*(from|import) tests\b", path.read_text("utf-8"), re.MULTILINE)
    ]
    assert importing == []


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


def test_every_file_that_docs_and_docstrings_name_is_there() -> None:
    folders = [CHECKOUT / name for name in (*FOLDERS, "docs", "zones", ".github")]
    names = {file.name for folder in (*folders, CHECKOUT) for file in folder.glob("**/*" if folder in folders else "*")}
    missing = [
        f"{file.relative_to(CHECKOUT)}: {found}"
        for file in (*CHECKOUT.glob("*.md"), *(CHECKOUT / "docs").rglob("*.md"), *modules())
        if file.parent.name != "how-to"  # names files that its reader makes; tests/docs follows it step by step
        for text in prose(file)
        for found in FILE_NAME.findall(text)
        if not PLACEHOLDER.search(found)
        and not (CHECKOUT / found).exists()
        and not (file.parent / found).exists()
        and not ("/" not in found and found in names)
    ]
    assert missing == []


def prose(file: Path) -> Iterator[str]:
    """A document without its fenced blocks (a how-to's write files), or a module's comments and docstrings."""
    text = file.read_text("utf-8")
    if file.suffix == ".md":
        yield re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
        return
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT or (token.type == tokenize.STRING and token.string.startswith('"""')):
            yield token.string
