"""What is measured. Every table compares things that ran in turn, in one go, on one machine."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median
from typing import Final

from benchmarks.phases import PHASES
from benchmarks.project import ROOT, USERS, Project, project
from benchmarks.timing import Run, middle, timed

SDKS: Final = "import pulumi, pulumi_aws, pulumi_kubernetes, pulumi_cloudflare"
SIZES: Final = (70, 700, 3500)
"""Resources aimed at; the stack as it is has a few more than the first."""

PREVIEW: Final = ("preview", "--users", USERS)
REAL_UPS: Final = (70, 700)
"""The real CLI's file backend writes the whole state at every step: 3,500 would take half an hour."""

LINEAR: Final = 1.25
"""A resource more may cost at most this many times what one more costs between the two sizes before."""


@dataclass(frozen=True)
class Cold:
    """Medians: a preview with policies, a process that only imports the four SDKs, the real CLI (None: not there)."""

    preview: Run
    imports: Run
    imports_without_teardown: Run
    real_cli: Run | None


@dataclass(frozen=True)
class Size:
    """resources: in the stack. previews, unchanged (an `up` after the first): one a round, in which each size has its
    turn. Those of the real CLI are None where it isn't.
    """

    resources: int
    previews: tuple[Run, ...]
    up: Run
    unchanged: tuple[Run, ...]
    real_preview: Run | None
    real_up: Run | None


def has_real_cli() -> bool:
    """Whether pulumi is on PATH."""
    return shutil.which("pulumi") is not None


def cold(runs: int) -> Cold:
    """Start to end of each, one after the other, so that a loaded machine slows all of them."""
    with project() as copy:
        previews: list[Run] = []
        imports: list[Run] = []
        bare: list[Run] = []
        real: list[Run] = []
        if has_real_cli():
            _prepare_real(copy)
        for _ in range(runs):
            imports.append(_python(copy, SDKS))
            previews.append(copy.workshop(*PREVIEW))
            bare.append(_python(copy, f"{SDKS}; import os; os._exit(0)"))
            if has_real_cli():
                real += copy.pulumi("preview", "--non-interactive")
        return Cold(middle(previews), middle(imports), middle(bare), middle(real) if real else None)


def phases(runs: int) -> dict[str, float]:
    """CPU seconds of a preview by phase, medians."""
    found: list[dict[str, float]] = []
    with project() as copy:
        output = copy.folder.parent / "phases.json"
        for _ in range(runs):
            command = [sys.executable, "-m", "benchmarks.phases", str(output), *PREVIEW]
            timed(command, cwd=copy.folder, environment=copy.environment)
            found.append(json.loads(output.read_text()))
    return {phase: median(seconds.get(phase, 0.0) for seconds in found) for phase in PHASES}


def sizes(
    aims: tuple[int, ...],
    real_sizes: tuple[int, ...],
    real_ups: tuple[int, ...],
    rounds: int,
    say: Callable[[str], None],
) -> list[Size]:
    """The same stack with more and more resources, each in a sandbox of its own.

    All take turns, round by round, so that a machine that gets slower is slower for all of them. real_sizes, real_ups:
    those that the real CLI previews and applies, each once. say: told what is done.
    """
    with project() as copy:
        as_it_is = copy.count()
    real = [_real(aim, as_it_is, aim in real_sizes, aim in real_ups, say) for aim in aims]
    with ExitStack() as opened:
        copies = [opened.enter_context(project(max(0, aim - as_it_is))) for aim in aims]
        resources = [copy.count() for copy in copies]
        say("the sandboxes are up")
        ups = [copy.workshop("up", "--users", USERS) for copy in copies]
        say("first ups: done")
        previews: list[list[Run]] = []
        unchanged: list[list[Run]] = []
        for number in range(rounds):
            previews.append([copy.workshop(*PREVIEW) for copy in copies])
            unchanged.append([copy.workshop("up", "--users", USERS) for copy in copies])
            say(f"round {number + 1} of {rounds}: done")
    columns = zip(resources, zip(*previews, strict=True), ups, zip(*unchanged, strict=True), real, strict=True)
    return [Size(count, previewed, up, again, *theirs) for count, previewed, up, again, theirs in columns]


def _real(
    aim: int, as_it_is: int, has_preview: bool, has_up: bool, say: Callable[[str], None]
) -> tuple[Run | None, Run | None]:
    """What the real CLI takes, in a sandbox of its own: the two engines don't share what they made."""
    if not (has_real_cli() and has_preview):
        return None, None
    with project(max(0, aim - as_it_is)) as copy:
        _prepare_real(copy)
        (preview,) = copy.pulumi("preview", "--non-interactive")
        (up,) = copy.pulumi("up", "--yes", "--non-interactive") if has_up else (None,)
        say(f"the real CLI with {aim} resources: done")
        return preview, up


def load() -> float:
    """Processes that wanted to run, on average over the last minute."""
    return os.getloadavg()[0]


def _prepare_real(copy: Project) -> None:
    copy.pulumi("config", "set", "users", USERS)


def _python(copy: Project, code: str) -> Run:
    return timed([str(ROOT / ".venv/bin/python"), "-c", code], cwd=copy.folder, environment=copy.environment)
