"""Processes that outlive the command that starts them, unless they are tied to it.

Each holds a lock on its own file, NAME.process, which also has its process id: the lock ends with the process, however
it ends, so what is locked runs and the id is its own, after a crash too.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from workshop.sandbox.files import is_locked
from workshop.sandbox.paths import CHECKOUT
from workshop.sandbox.problem import SandboxProblem

STOP_SECONDS: Final = 4
"""Before a process that was asked to end is killed."""

_POLL_SECONDS: Final = 0.02
_RECORD_ID = 'echo $$ >"$0" && exec "$@"'
"""The shell becomes the program, and keeps its process id."""


def spawn(folder: Path, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
    """Starts a process; what it prints goes to NAME.log. Raises SandboxProblem where one of this name runs."""
    record = folder / f"{name}.process"
    with record.open("a") as lock, (folder / f"{name}.log").open("wb") as log:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SandboxProblem(f"{name} of {folder} runs already: workshop sandbox clusters stop") from None
        process = subprocess.Popen(
            ["sh", "-c", _RECORD_ID, str(record), *command],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(lock.fileno(),),
            start_new_session=True,
        )
    process.returncode = 0  # it is to go on without us: keeps Popen from warning that nobody waits for it


@contextmanager
def tied(folder: Path) -> Generator[None]:
    """Ends all processes of this folder at the end of the block, and when this process ends, killed or not.

    Another process sees to it, which waits for the end of its standard input: only we hold the other end.
    """
    guard = subprocess.Popen(
        [sys.executable, "-P", "-m", "workshop.sandbox.clusters.guard", str(folder)],
        env={"PATH": os.defpath, "PYTHONPATH": str(CHECKOUT)},
        stdin=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for us
    )
    try:
        yield
    finally:
        guard.communicate()


def is_running(folder: Path, name: str) -> bool:
    """Whether the process is alive."""
    return is_locked(folder / f"{name}.process")


def running(folder: Path) -> tuple[str, ...]:
    """Names of all processes of this folder that are alive."""
    return tuple(sorted(record.stem for record in folder.glob("*.process") if is_locked(record)))


def end(folder: Path, names: Sequence[str]) -> None:
    """Asks these to end, kills what has not ended after STOP_SECONDS, and waits for it."""
    _end(folder, names, (signal.SIGTERM, signal.SIGKILL))


def kill(folder: Path, names: Sequence[str]) -> None:
    """Ends these at once, whatever they were about to write."""
    _end(folder, names, (signal.SIGKILL,))


def _end(folder: Path, names: Sequence[str], signals: Sequence[signal.Signals]) -> None:
    for number in signals:
        deadline = time.monotonic() + STOP_SECONDS
        for name in names:
            _signal(folder, name, number)
        while time.monotonic() < deadline:
            if not any(is_running(folder, name) for name in names):
                return
            time.sleep(_POLL_SECONDS)
    alive = ", ".join(str(folder / f"{name}.process") for name in names if is_running(folder, name))
    raise SandboxProblem(f"these did not end when killed: {alive}: end the processes that they name")


def last_words(folder: Path, name: str) -> str:
    """The last line that a process printed."""
    text = (folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")
    return (text.strip().splitlines() or ["it printed nothing"])[-1][:500]


def _signal(folder: Path, name: str, number: int) -> None:
    if not is_running(folder, name):
        return
    with suppress(ValueError, ProcessLookupError):  # not written yet, or just gone
        pid = int((folder / f"{name}.process").read_text(encoding="utf-8"))
        if pid > 1:  # 0 and less mean groups of processes
            os.kill(pid, number)
