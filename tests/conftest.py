"""Tests that need a program which this machine lacks do not run, and the summary says which and how they would."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from workshop.sandbox.clusters import binaries

_NEEDS: Mapping[str, tuple[Callable[[], object], str]] = {
    "pulumi": (lambda: shutil.which("pulumi"), "on the real Pulumi CLI: pulumi is not on PATH"),
    "clusters": (
        binaries.find,
        "on real API servers: the program for them is not built: scripts/workshop sandbox clusters build (needs Go)",
    ),
}
"""By marker: what has to be there, and what is said where it isn't."""

_NOT_RUN = pytest.StashKey[dict[str, int]]()
_DESELECTED = pytest.StashKey[set[Path]]()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    config.stash[_NOT_RUN] = {}
    config.stash[_DESELECTED] = set()
    for marker, (is_there, _) in _NEEDS.items():
        marked = [item for item in items if item.get_closest_marker(marker)]
        if marked and not is_there():
            config.stash[_NOT_RUN][marker] = len(marked)
            config.stash[_DESELECTED] |= {item.path for item in marked}
            config.hook.pytest_deselected(items=marked)
            items[:] = [item for item in items if item not in marked]


def pytest_collection_finish(session: pytest.Session) -> None:
    """A whole run collects every test file, or says which it missed (one without tests, or in a folder left out)."""
    if session.config.args_source is not pytest.Config.ArgsSource.TESTPATHS or session.config.getoption("keyword"):
        return
    collected = {item.path for item in session.items} | session.config.stash[_DESELECTED]
    missed = sorted(
        str(file) for file in (session.config.rootpath / "tests").rglob("test_*.py") if file not in collected
    )
    if missed:
        raise pytest.UsageError(f"not collected: {', '.join(missed)}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for marker, count in config.stash.get(_NOT_RUN, dict[str, int]()).items():
        terminalreporter.write_line(f"NOT RUN: {count} tests {_NEEDS[marker][1]}", yellow=True)
