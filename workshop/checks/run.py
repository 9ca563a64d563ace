"""Runs checks, all at once and each within its time limit; a check that fails is reported as inconclusive."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from workshop.checks.check import Check, CheckOutcome, Part
from workshop.checks.service import Inconclusive
from workshop.checks.site import Site
from workshop.model.preflight.record import Result, Verdict


@dataclass(frozen=True, kw_only=True)
class _Task:
    """One part of one check."""

    check: Check
    part: Part

    def result(self, seen: CheckOutcome) -> Result:
        return Result(
            check=self.check.id,
            stage=self.check.stage,
            region=self.part.region,
            verdict=seen.verdict,
            found=seen.found,
            needed=seen.needed,
            fix=seen.fix,
        )

    def unknown(self, found: str, fix: str) -> Result:
        return self.result(CheckOutcome(verdict=Verdict.INCONCLUSIVE, found=found, needed=self.check.needed, fix=fix))


def run_checks(
    checks: Iterable[Check], site: Site, on_result: Callable[[Result, int], None] = lambda _result, _left: None
) -> tuple[Result, ...]:
    """Every result, in the checks' order. on_result: called with each one as it comes, and how many are still to come.

    A part that does not end in time counts as inconclusive, and is left behind in a thread of its own.
    """
    tasks = [_Task(check=check, part=part) for check in checks for part in check.parts(site)]
    done: queue.Queue[tuple[int, Result]] = queue.Queue()
    started = time.monotonic()
    for index, task in enumerate(tasks):
        threading.Thread(target=_run, args=(index, task, done), daemon=True, name=task.check.id).start()
    results: dict[int, Result] = {}

    def keep(index: int, result: Result) -> None:
        if index not in results:
            results[index] = result
            on_result(result, len(tasks) - len(results))

    while len(results) < len(tasks):
        waiting = {index: task for index, task in enumerate(tasks) if index not in results}
        first = min(task.check.limit_seconds for task in waiting.values())
        try:
            keep(*done.get(timeout=max(0.0, started + first - time.monotonic())))
        except queue.Empty:
            for index, task in waiting.items():
                if time.monotonic() - started >= task.check.limit_seconds:
                    keep(index, _late(task))
    return tuple(results[index] for index in range(len(tasks)))


def _run(index: int, task: _Task, done: queue.Queue[tuple[int, Result]]) -> None:
    try:
        result = task.result(task.part.look())
    except Inconclusive as reason:
        result = task.unknown(reason.found, reason.fix)
    except Exception as defect:  # noqa: BLE001 - a check that fails must never pass, nor hide the others
        result = task.unknown(
            f"the check itself failed: {type(defect).__name__}: {defect}", "check by hand, and report this defect"
        )
    done.put((index, result))


def _late(task: _Task) -> Result:
    return task.unknown(
        f"no answer within {task.check.limit_seconds:g} s from {task.check.asks}", f"see why {task.check.asks} hangs"
    )
