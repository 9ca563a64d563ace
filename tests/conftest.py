"""Tests marked pulumi run on the real Pulumi CLI; where it is not on PATH the summary says that they did not run."""

from __future__ import annotations

import shutil

import pytest

_NOT_RUN = pytest.StashKey[int]()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if shutil.which("pulumi"):
        return
    real = [item for item in items if item.get_closest_marker("pulumi")]
    config.stash[_NOT_RUN] = len(real)
    config.hook.pytest_deselected(items=real)
    items[:] = [item for item in items if item not in real]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    count = config.stash.get(_NOT_RUN, 0)
    if count:
        terminalreporter.write_line(
            f"NOT RUN: {count} tests on the real Pulumi CLI: pulumi is not on PATH", yellow=True
        )
