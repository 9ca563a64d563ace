"""Tests that need a program which this machine lacks do not run, and the summary says which and how they would."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from xdist.remote import Producer  # pyright: ignore[reportMissingTypeStubs]
from xdist.scheduler import LoadScopeScheduling  # pyright: ignore[reportMissingTypeStubs]

from workshop.images import program
from workshop.sandbox.clusters import binaries
from workshop.sandbox.json_values import Json

_NEEDS: Mapping[str, tuple[Callable[[], object], str]] = {
    "pulumi": (lambda: shutil.which("pulumi"), "on the real Pulumi CLI: pulumi is not on PATH"),
    "chromium": (lambda: shutil.which("chromium"), "with a page in a browser: chromium is not on PATH"),
    "root": (lambda: os.geteuid() == 0, "as another user of this machine: only root can become one"),
    "regctl": (
        program.find,
        "with regctl, which copies images: scripts/workshop images regctl builds it (needs Go)",
    ),
    "clusters": (
        binaries.find,
        "on real API servers: the program for them is not built: scripts/workshop sandbox clusters build (needs Go)",
    ),
}
"""By marker: what has to be there, and what is said where it isn't."""

_CLUSTERS = "tests/clusters/"
_NOT_RUN = pytest.StashKey[dict[str, int]]()
_NOT_RUN_THERE = "not_run"
"""Under which a worker tells it to the process that prints the summary."""
DESELECTED = pytest.StashKey[set[Path]]()
"""Files of tests that need what this machine lacks."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    config.stash[_NOT_RUN] = {}
    config.stash[DESELECTED] = set()
    for marker, (is_there, _) in _NEEDS.items():
        marked = [item for item in items if item.get_closest_marker(marker)]
        if marked and not is_there():
            config.stash[_NOT_RUN][marker] = len(marked)
            config.stash[DESELECTED] |= {item.path for item in marked}
            config.hook.pytest_deselected(items=marked)
            items[:] = [item for item in items if item not in marked]
    if hasattr(config, "workerinput"):
        long_files = {item.path for item in items if item.get_closest_marker("slow")}
        items.sort(key=lambda item: item.path not in long_files)


class ByFile(LoadScopeScheduling):
    """Shares out whole files, and all that share API servers as one, in the order of their first tests.

    xdist's own groups are without effect under this pytest: they rename tests, which now have structured names.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return _CLUSTERS if file.startswith(_CLUSTERS) else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    return ByFile(config, log)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workerinput"):
        worker: Json = session.config
        worker.workeroutput[_NOT_RUN_THERE] = session.config.stash[_NOT_RUN]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Json) -> None:
    if hasattr(node, "workeroutput"):  # not of one that crashed
        node.config.stash[_NOT_RUN] = node.workeroutput[_NOT_RUN_THERE]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for marker, count in config.stash.get(_NOT_RUN, dict[str, int]()).items():
        terminalreporter.write_line(f"NOT RUN: {count} tests {_NEEDS[marker][1]}", yellow=True)
