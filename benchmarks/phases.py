"""Where the CPU time of one command goes: `python -m benchmarks.phases OUTPUT preview --users 20` in a project.

The command runs as always; entry points are wrapped with clocks. A phase's time is that of its own thread, without the
phases inside it, so that nothing is counted twice.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

PHASES = ("start", "imports", "look-ups", "engine", "policies", "program")


class Clock:
    """Seconds of CPU by phase."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._threads = threading.local()

    def during(self, phase: str, function: Callable[P, T]) -> Callable[P, T]:
        """The same function, its time counted."""

        def counted(*arguments: P.args, **named: P.kwargs) -> T:
            inner = getattr(self._threads, "inner", 0.0)
            self._threads.inner = 0.0
            started = time.thread_time()
            try:
                return function(*arguments, **named)
            finally:
                spent = time.thread_time() - started
                self.seconds[phase] += spent - self._threads.inner
                self._threads.inner = inner + spent

        return counted

    def wrap(self, phase: str, owner: object, *names: str) -> None:
        """Counts these functions of a class or module."""
        for name in names:
            setattr(owner, name, self.during(phase, getattr(owner, name)))


def main() -> None:
    """Runs the command and writes seconds by phase to OUTPUT before the process ends."""
    output, arguments = Path(sys.argv[1]), sys.argv[2:]
    clock = Clock()
    clock.wrap("imports", importlib._bootstrap, "_find_and_load")  # type: ignore[attr-defined]  there is no public one
    from workshop.cli import main as command
    from workshop.sandbox.engine.policies.pack import PolicyPack
    from workshop.sandbox.engine.program import language_host
    from workshop.sandbox.engine.program.monitor import Monitor

    clock.wrap("look-ups", Monitor, "Invoke", "ReadResource")
    clock.wrap("engine", Monitor, "RegisterResource", "RegisterResourceOutputs", "SignalAndWaitForShutdown")
    clock.wrap("policies", PolicyPack, "judge", "judge_stack")
    clock.wrap("program", language_host, "_run_loop")

    def write(code: int) -> None:
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        clock.seconds["policies"] += children.ru_utime + children.ru_stime
        own = resource.getrusage(resource.RUSAGE_SELF)
        total = own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
        clock.seconds["start"] = total - sum(clock.seconds.values())
        output.write_text(json.dumps(clock.seconds))
        leave(code)

    leave, os._exit = os._exit, write
    sys.argv = ["workshop", *arguments]
    command.main()


if __name__ == "__main__":
    main()
