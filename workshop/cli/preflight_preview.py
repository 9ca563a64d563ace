"""The preview that preflight judges: in a process of its own, since a preview takes a process over."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Final

from pydantic import TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from workshop.checks.service import CannotTell
from workshop.cli.stack import CHECKOUT, USERS, Stack
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


def preview_of(stack: Stack) -> Callable[[], Outcome]:
    """Runs `workshop preview --json` and answers what came of it. What that returns raises CannotTell."""
    command = [sys.executable, "-P", "-m", "workshop", "preview", "--json", "--stack", stack.name]
    command += ["--users", stack.config[USERS]]

    seconds = _SANDBOX_SECONDS if stack.is_sandbox else _REAL_SECONDS

    def preview() -> Outcome:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (str(CHECKOUT), *sys.path)))}
        by_hand = f"scripts/workshop preview --stack {stack.name}"
        try:
            done = subprocess.run(
                command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False
            )
        except subprocess.TimeoutExpired:
            raise CannotTell(f"the preview did not end within {seconds:g} s", by_hand) from None
        try:
            document = TypeAdapter(_Document).validate_json(done.stdout)
        except ValidationError:
            last = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
            raise CannotTell(f"the preview ended with {done.returncode}: {last[:200]}", by_hand) from None
        return Outcome(changes=document.steps, violations=document.violations, error=document.error)

    return preview
