"""Every kill point and fault, on the real program: see scripts/faults."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from threading import Event

from benchmarks.arguments import count
from tests.faults.faults import FAULTS
from tests.faults.kills import KILLS, kills
from tests.faults.sandbox import sandbox_in
from tests.faults.table import markdown
from tests.faults.verdict import PHASES, Ground, Verdict
from workshop.sandbox.files import write_whole
from workshop.sandbox.paths import CHECKOUT

_DOCUMENT = CHECKOUT / "docs" / "reliability.md"
_MARK = "<!-- table -->\n"
_TOLD_EVERY = 50
"""Runs, where no terminal shows their number: all of them take an hour and more."""

Part = Callable[[Ground], Iterator[Verdict]]


def parts(every: int, workers: int) -> list[Part]:
    """The work, cut so that each worker has some."""
    found: list[Part] = [*FAULTS]
    for phase in PHASES:
        for name in KILLS:
            found += [
                partial(kills, phase=phase, name=name, every=every * workers, offset=every * worker)
                for worker in range(workers)
            ]
    return found


def verdicts(roots: Iterable[Path], every: int) -> Iterator[Verdict]:
    """Of everything, as they come."""
    roots = list(roots)
    results: SimpleQueue[Verdict | None] = SimpleQueue()
    is_over = Event()
    with ExitStack() as opened, ThreadPoolExecutor(len(roots)) as pool:
        grounds: SimpleQueue[Ground] = SimpleQueue()
        for root in roots:
            grounds.put(Ground(opened.enter_context(sandbox_in(root))))

        def work(part: Part) -> None:
            ground = grounds.get()
            try:
                for verdict in part(ground):
                    results.put(verdict)
                    if is_over.is_set():
                        break
            finally:
                grounds.put(ground)
                results.put(None)

        working = [pool.submit(work, part) for part in parts(every, len(roots))]
        left = len(working)
        try:
            while left:
                verdict = results.get()
                if verdict is None:
                    left -= 1
                else:
                    yield verdict
        finally:
            is_over.set()
            pool.shutdown(cancel_futures=True)
        if failed := [error for done in working if (error := done.exception())]:
            raise BaseExceptionGroup("not everything could be judged", failed)


def main() -> int:
    """Prints what came of each run that was not good, then the table; 1 where anything was lost or wrong."""
    asked = argparse.ArgumentParser(prog="scripts/faults", description=__doc__)
    asked.add_argument("--every", type=count, default=1, help="only each Nth kill, for a quick look")
    asked.add_argument("--workers", type=count, default=2, help="sandboxes at the same time (2)")
    asked.add_argument("--write", action="store_true", help="put the table into docs/reliability.md")
    options = asked.parse_args()
    found: list[Verdict] = []
    is_whole = False
    try:
        with tempfile.TemporaryDirectory(prefix="faults ") as folder:
            Path(folder).chmod(0o755)  # another user has to get in
            for verdict in verdicts([Path(folder) / str(n) for n in range(options.workers)], options.every):
                found.append(verdict)
                if not verdict.is_good:
                    print(f"{verdict.fault}, {verdict.at}: {verdict}", flush=True)  # noqa: T201  a script's answer
                elif sys.stderr.isatty():
                    sys.stderr.write(f"\r{len(found)} runs")
                elif len(found) % _TOLD_EVERY == 0:
                    sys.stderr.write(f"{len(found)} runs\n")
        is_whole = True
    finally:  # what is known is told, even where somebody stops it
        found.sort(key=lambda verdict: verdict.fault)
        print(markdown(found))  # noqa: T201
        if options.write:
            _write(found, "" if is_whole else " before it was stopped")
    return 0 if all(verdict.is_good for verdict in found) else 1


def _write(found: Sequence[Verdict], when: str) -> None:
    text = _DOCUMENT.read_text(encoding="utf-8")
    head, _, rest = text.partition(_MARK)
    tail = rest.partition(_MARK)[2]
    measured = f"{datetime.now(UTC):%Y-%m-%d}, {len(found)} runs{when}:\n\n"
    write_whole(_DOCUMENT, f"{head}{_MARK}{measured}{markdown(found)}{_MARK}{tail}")


if __name__ == "__main__":
    sys.exit(main())
