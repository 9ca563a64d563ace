"""A sandbox of a test's own: a free port, and a data folder that goes with the test."""

from __future__ import annotations

import socket
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from workshop.sandbox.data_folder import token_of
from workshop.sandbox.lifecycle import ensure_running, stop
from workshop.sandbox.paths import CHECKOUT, SandboxPaths


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def sandbox_paths(folder: Path) -> SandboxPaths:
    return SandboxPaths(checkout=CHECKOUT, folder=folder.resolve(), given_port=free_port())


@contextmanager
def environment_of(paths: SandboxPaths) -> Generator[None]:
    """What a person exports who wants this sandbox."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKSHOP_SANDBOX_DIR", str(paths.folder))
        patch.setenv("WORKSHOP_SANDBOX_PORT", str(paths.port))
        yield


def bearer(paths: SandboxPaths) -> dict[str, str]:
    """The header that lets a request in."""
    return {"Authorization": f"Bearer {token_of(paths)}"}


@contextmanager
def running(folder: Path) -> Generator[SandboxPaths]:
    """A server on a seeded folder."""
    paths = sandbox_paths(folder)
    with environment_of(paths):
        ensure_running(paths)
        try:
            yield paths
        finally:
            stop(paths)
