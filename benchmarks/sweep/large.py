"""A whole rehearsal of many people in one region, its time and its memory."""

from __future__ import annotations

import resource
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from benchmarks.sweep.stacks import of_many
from workshop.model.rehearsal.verdict import judge
from workshop.rehearsal.play import play
from workshop.rehearsal.stage import stage, warm

_LOOK_SECONDS: Final = 2
_GIB: Final = 2**30


def rehearse_many(users: int, say: Callable[[str], None]) -> bool:
    """Prints the verdict, minutes and GiB; answers whether nodes and workspaces are as planned."""
    rehearsal, begun, memory = of_many(users), time.monotonic(), _Memory()
    with stage(rehearsal, say) as there:
        warm(there, rehearsal, say)
        played = play(there, rehearsal, say)
    most = memory.end()
    verdict = judge(rehearsal, played.regions)
    for one in verdict.figures:
        say(f"{one.name}: predicted {one.predicted}, observed {one.observed}, passed: {one.passed}")
    say(f"{users} users: {(time.monotonic() - begun) / 60:.1f} minutes, {most / _GIB:.1f} GiB")
    return not verdict.missed & {"workspaces running", "nodes", "USD per hour", "workspaces evicted"}


class _Memory:
    """The most that all processes of rehearsals had at once, by their proportional share; bytes."""

    def __init__(self) -> None:
        self._most, self._ended = 0, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def end(self) -> int:
        """Stops looking."""
        self._ended.set()
        self._thread.join()
        return self._most + resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

    def _watch(self) -> None:
        while not self._ended.wait(_LOOK_SECONDS):
            self._most = max(self._most, sum(map(_bytes, Path("/proc").glob("[0-9]*"))))


def _bytes(process: Path) -> int:
    try:
        if b"workshop-rehearsal-" not in (process / "cmdline").read_bytes() + (process / "environ").read_bytes():
            return 0
        text = (process / "smaps_rollup").read_text(encoding="utf-8")
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("Pss:")), 0)
