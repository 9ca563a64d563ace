"""Times commands from start to end: `python -m benchmarks.timing RUNS COMMAND ...` prints the runs as JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median


@dataclass(frozen=True)
class Run:
    """wall_seconds: from start to end. cpu_seconds: of the process and of those it waited for, user and system."""

    wall_seconds: float
    cpu_seconds: float


class CommandFailed(Exception):
    """A command that was to be timed did not do what it should."""


def timed(command: Sequence[str], *, cwd: Path, environment: Mapping[str, str]) -> Run:
    """One run. Raises CommandFailed, with the end of what it said, where it doesn't end well."""
    started = time.monotonic()
    process = subprocess.Popen(
        command, cwd=cwd, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    if process.returncode:
        raise CommandFailed(f"{' '.join(command)} ended with {process.returncode}:\n{said[-2000:]}")
    return Run(wall, usage.ru_utime + usage.ru_stime)


def middle(runs: Sequence[Run]) -> Run:
    """The medians."""
    return Run(median(run.wall_seconds for run in runs), median(run.cpu_seconds for run in runs))


def main() -> None:
    """Times what the command line says, in the environment and folder that it was started in."""
    count, command = int(sys.argv[1]), sys.argv[2:]
    runs = [timed(command, cwd=Path.cwd(), environment=os.environ) for _ in range(count)]
    print(json.dumps([asdict(run) for run in runs]))  # noqa: T201  what it is for


if __name__ == "__main__":
    main()
