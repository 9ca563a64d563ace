"""However a rehearsal ends, nothing of it runs on and nothing of it is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from workshop.sandbox.paths import CHECKOUT

REHEARSE = """
import sys
from workshop.rehearsal.guard import guarded_folder, sandbox_in
from workshop.sandbox.lifecycle import ensure_running

with guarded_folder() as folder:
    ensure_running(sandbox_in(folder))
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT, None])
def test_nothing_is_left(end: signal.Signals | None) -> None:
    with subprocess.Popen(
        [sys.executable, "-P", "-c", REHEARSE],
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        folder = Path(process.stdout.readline().strip())
        assert alive(folder)
        if end is not None:
            process.send_signal(end)
        process.communicate()
    for _ in range(600):  # the guard ends on its own
        if not folder.exists() and not alive(folder):
            return
        time.sleep(0.1)
    raise AssertionError([folder.exists(), alive(folder)])


def alive(folder: Path) -> list[str]:
    """Processes that have to do with it."""
    found: list[str] = []
    for environment in Path("/proc").glob("[0-9]*/environ"):
        try:
            text = environment.read_bytes() + (environment.parent / "cmdline").read_bytes()
        except OSError:
            continue
        if str(folder).encode() in text and int(environment.parent.name) != os.getpid():
            found.append(environment.parent.name)
    return found
