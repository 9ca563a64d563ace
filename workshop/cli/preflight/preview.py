"""The preview that preflight judges: in a process of its own, since a preview takes a process over."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final

from pydantic import TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from workshop.checks.service import Inconclusive
from workshop.cli.stack import USERS, Stack
from workshop.model.outcome import Change, Outcome, Violation

_SANDBOX_SECONDS: Final = 24.0
_REAL_SECONDS: Final = 180.0
"""The real CLI refreshes every resource, one by one where a provider has no lists."""


@dataclass(frozen=True)
class _Document:
    """As much of the preview's JSON document as is judged (docs/commands.md)."""

    error: str | None
    steps: tuple[Change, ...]
    violations: tuple[Violation, ...]


@contextmanager
def preview_of(stack: Stack, *, at_once: bool) -> Generator[Callable[[], Outcome]]:
    """Runs `workshop preview --json`, and ends it with the block. at_once: from now on, not only once it is asked for.

    What is yielded answers what came of it, and raises Inconclusive.
    """
    started: list[subprocess.Popen[bytes]] = []
    results: list[Outcome | Inconclusive] = []

    def outcome() -> Outcome:
        if not started:
            started.append(_start(stack))
        if not results:
            results.append(_result(started[0], stack))
        if isinstance(results[0], Inconclusive):  # the same for every check that asks
            raise Inconclusive(results[0].found, results[0].fix)
        return results[0]

    if at_once:
        started.append(_start(stack))
    try:
        yield outcome
    finally:
        for process in started:
            process.kill()
            process.communicate()


def _result(process: subprocess.Popen[bytes], stack: Stack) -> Outcome | Inconclusive:
    seconds = _SANDBOX_SECONDS if stack.is_sandbox else _REAL_SECONDS
    by_hand = f"scripts/workshop preview --stack {stack.name}"
    try:
        out, errors = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        return Inconclusive(f"the preview did not end within {seconds:g} s", by_hand)
    try:
        document = TypeAdapter(_Document).validate_json(out)
    except ValidationError:
        last = errors.decode(errors="replace").strip().rpartition("\n")[2]
        return Inconclusive(f"the preview ended {_how(process.returncode)}: {last[:200]}", by_hand)
    return Outcome(changes=document.steps, violations=document.violations, error=document.error)


def _how(code: int) -> str:
    return f"with exit code {code}" if code >= 0 else f"by signal {signal.Signals(-code).name}"


def _start(stack: Stack) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-P", "-m", "workshop", "preview", "--json", "--stack", stack.name]
    command += ["--users", stack.config[USERS]]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
