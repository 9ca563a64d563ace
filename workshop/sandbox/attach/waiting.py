"""What an attachment is held open for: a command, or Ctrl-C."""

from __future__ import annotations

import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import FrameType

from workshop.sandbox.problem import SandboxProblem


def run(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Runs the command to its end and answers its exit code. Ctrl-C is the command's to handle.

    Raises SandboxProblem where there is no such command.
    """
    if shutil.which(command[0], path=environment.get("PATH")) is None:
        raise SandboxProblem(f"there is no command {command[0]} on PATH: attaching was to run it: install it")
    before = signal.signal(signal.SIGINT, _leave_to_the_command)
    try:
        return subprocess.run(command, env=environment, check=False).returncode
    finally:
        signal.signal(signal.SIGINT, before)


def wait() -> None:
    """Returns on Ctrl-C."""
    with suppress(KeyboardInterrupt):
        signal.pause()


def _leave_to_the_command(_number: int, _frame: FrameType | None) -> None:
    """The terminal sends the signal to both."""
