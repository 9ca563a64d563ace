"""What is measured. Every table compares things that ran in turn, in one go, on one machine."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
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
    """resources: in the stack. unchanged: an `up` after the first. Those of the real CLI are None where it isn't."""

    resources: int
    preview: Run
    up: Run
    unchanged: Run
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


def sizes(aims: tuple[int, ...], real_sizes: tuple[int, ...], real_ups: tuple[int, ...], runs: int) -> Iterator[Size]:
    """The same stack with more and more resources. real_sizes, real_ups: those that the real CLI previews, applies."""
    with project() as copy:
        as_it_is = copy.count()
    for aim in aims:
        more = max(0, aim - as_it_is)
        real_preview = real_up = None
        if has_real_cli() and aim in real_sizes:  # in a sandbox of its own: the two engines don't share what they made
            with project(more) as copy:
                _prepare_real(copy)
                real_preview = middle(copy.pulumi("preview", "--non-interactive", runs=runs))
                if aim in real_ups:
                    real_up = middle(copy.pulumi("up", "--yes", "--non-interactive"))
        with project(more) as copy:
            yield Size(
                resources=copy.count(),
                preview=middle([copy.workshop(*PREVIEW) for _ in range(runs)]),
                up=copy.workshop("up", "--users", USERS),
                unchanged=middle([copy.workshop("up", "--users", USERS) for _ in range(runs)]),
                real_preview=real_preview,
                real_up=real_up,
            )


def load() -> float:
    """Processes that wanted to run, on average over the last minute."""
    return os.getloadavg()[0]


def _prepare_real(copy: Project) -> None:
    copy.pulumi("config", "set", "users", USERS)


def _python(copy: Project, code: str) -> Run:
    return timed([str(ROOT / ".venv/bin/python"), "-c", code], cwd=copy.folder, environment=copy.environment)
