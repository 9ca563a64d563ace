"""Measures everything, prints the tables and writes them into docs/performance.md. Run by `scripts/bench`."""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from benchmarks import measurements, report
from benchmarks.arguments import count
from benchmarks.project import ROOT

PAGE: Final = ROOT / "docs" / "performance.md"
START: Final = "<!-- scripts/bench writes from here -->"


def main() -> None:
    """Measures, prints, writes."""
    options = _options()
    load = measurements.load()
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    parts: list[str] = []
    for part in _parts(options):
        _say(part)
        parts.append(part)
    cpus = os.cpu_count()
    head = (
        f"Measured {now} on {cpus} CPUs, {_processor()}, {platform.system()}, Python {platform.python_version()}; "
        f"real CLI: {_real_version()}. Medians of {options.runs} runs, of {options.rounds} for more resources, of "
        f"one for a first up and for the real CLI there. Load when it began {load:.1f}, when it ended "
        f"{measurements.load():.1f}, on {cpus} CPUs.\n"
    )
    _say(head)
    if options.write:
        before = PAGE.read_text(encoding="utf-8").partition(START)[0]
        PAGE.write_text("\n".join((f"{before}{START}", head, *parts)), encoding="utf-8")


def _parts(options: argparse.Namespace) -> Iterator[str]:
    """The page's sections, each as soon as it is measured."""
    yield f"## A cold preview\n\n{report.cold_table(measurements.cold(options.runs))}\n"
    yield f"## Where its time goes\n\n{report.phases_table(measurements.phases(options.runs))}\n"
    sizes = measurements.sizes(
        tuple(options.sizes), tuple(options.real_sizes), tuple(options.real_ups), options.rounds, _say
    )
    yield (
        "## More resources\n\n"
        "Wall seconds, CPU seconds in brackets; those of the real CLI are without the stand-ins'.\n\n"
        + "\n".join((report.sizes_table(sizes), "", *report.growth(sizes)))
        + "\n"
    )


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201  what it is for


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("--runs", type=count, default=5, help="of each cold command")
    parser.add_argument("--rounds", type=count, default=3, help="of a preview and an unchanged up at each size")
    parser.add_argument("--sizes", type=int, nargs="*", default=measurements.SIZES)
    parser.add_argument(
        "--real-sizes", type=int, nargs="*", default=measurements.SIZES, help="that the real CLI previews"
    )
    parser.add_argument("--real-ups", type=int, nargs="*", default=measurements.REAL_UPS, help="of these, it applies")
    parser.add_argument("--no-write", dest="write", action="store_false", help="leave docs/performance.md as it is")
    return parser.parse_args()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


def _real_version() -> str:
    if not measurements.has_real_cli():
        return "not on PATH"
    return subprocess.run(["pulumi", "version"], capture_output=True, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    main()
