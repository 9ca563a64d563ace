"""Leaves nothing of a rehearsal when its standard input ends: python -m workshop.rehearsal.guard FOLDER."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from workshop.sandbox import lifecycle
from workshop.sandbox.clusters.processes import end, running
from workshop.sandbox.clusters.running import folder_of
from workshop.sandbox.paths import CHECKOUT, SandboxPaths
from workshop.sandbox.problem import SandboxProblem

_TRIES: Final = 6


@contextmanager
def guarded_folder() -> Generator[Path]:
    """A folder for a rehearsal, which goes, as does what runs in its sandbox, when this block or this process ends.

    Another process sees to it, which waits for the end of its standard input: only we hold the other end.
    """
    folder = Path(tempfile.mkdtemp(prefix="workshop-rehearsal-")).resolve()
    guard = subprocess.Popen(
        [sys.executable, "-P", "-m", "workshop.rehearsal.guard", str(folder)],
        env={"PATH": os.defpath, "PYTHONPATH": str(CHECKOUT)},
        stdin=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for us
    )
    try:
        yield folder
    finally:
        with suppress(SandboxProblem):  # the guard tries again; but nobody else sees at once that our child has ended
            lifecycle.stop(sandbox_in(folder))
        guard.communicate()


def sandbox_in(folder: Path) -> SandboxPaths:
    """The rehearsal's sandbox."""
    return SandboxPaths(checkout=CHECKOUT, folder=folder / "sandbox")


def main(folder: Path) -> None:
    """Waits, however long."""
    sys.stdin.buffer.read()
    paths = sandbox_in(folder)
    if folder_of(paths).exists():
        end(folder_of(paths), running(folder_of(paths)))
    for _ in range(_TRIES):
        with suppress(SandboxProblem):  # a loaded machine takes its time
            lifecycle.stop(paths)
            break
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
