"""The tables, as they are printed and as they stand in docs/performance.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from statistics import median

from benchmarks.measurements import LINEAR, Cold, Size
from benchmarks.timing import Run, middle

Row = Sequence[str]


def cold_table(cold: Cold) -> str:
    """A cold preview against its two goals."""
    rows: list[Row] = [
        ("preview with policies", *_figures(cold.preview), ""),
        ("importing the four SDKs", *_figures(cold.imports), _goal(cold.preview, cold.imports, "no slower")),
        ("the same, without tearing the interpreter down", *_figures(cold.imports_without_teardown), ""),
        ("real CLI, on the same stand-ins", *_figures(cold.real_cli), _goal(cold.preview, cold.real_cli, "ahead")),
    ]
    return _table(("what", "wall, s", "CPU, s", "goal of the preview"), rows)


def phases_table(phases: Mapping[str, float]) -> str:
    """CPU seconds by phase."""
    total = sum(phases.values())
    rows = [(phase, f"{seconds:.2f}", f"{100 * seconds / total:.0f} %") for phase, seconds in phases.items()]
    return _table(("phase", "CPU, s", "share"), [*rows, ("all", f"{total:.2f}", "100 %")])


def sizes_table(sizes: Sequence[Size]) -> str:
    """Preview and up by number of resources."""
    rows = [
        (
            str(size.resources),
            _wall_and_cpu(middle(size.previews)),
            _wall_and_cpu(size.up),
            _wall_and_cpu(middle(size.unchanged)),
            _wall_and_cpu(size.real_preview),
            _wall_and_cpu(size.real_up),
            _ahead(size),
        )
        for size in sizes
    ]
    header = (
        "resources",
        "preview",
        "first up",
        "unchanged up",
        "real CLI: preview",
        "real CLI: first up",
        "goal: ahead",
    )
    return _table(header, rows)


def growth(sizes: Sequence[Size]) -> Iterator[str]:
    """What one resource more costs in CPU, from one size to the next, and whether that stays the same.

    Within one round, of which the median counts: from round to round the machine is not as fast.
    """
    resources = [size.resources for size in sizes]
    for name, rounds in (
        ("preview", zip(*(size.previews for size in sizes), strict=True)),
        ("up", [[size.up for size in sizes]]),
        ("unchanged", zip(*(size.unchanged for size in sizes), strict=True)),
    ):
        costs = [median(column) for column in zip(*(_costs(resources, runs) for runs in rounds), strict=True)]
        is_linear = all(later <= LINEAR * before for before, later in pairwise(costs))
        verdict = ("met" if is_linear else "missed") if costs[1:] else "not run"
        told = ", then ".join(f"{cost:.1f} ms" for cost in costs) or "an unknown amount"
        yield f"- {name}: one resource more costs {told} of CPU; goal (linear growth): {verdict}"


def _costs(resources: Sequence[int], runs: Sequence[Run]) -> list[float]:
    """Milliseconds of CPU that one resource more took, from one size to the next."""
    spent = zip(resources, (run.cpu_seconds for run in runs), strict=True)
    return [1000 * (more - less) / (large - small) for (small, less), (large, more) in pairwise(spent)]


def _ahead(size: Size) -> str:
    """Of what the real CLI did at this size."""
    ours = middle(size.previews), size.up
    pairs = [(mine, real) for mine, real in zip(ours, (size.real_preview, size.real_up), strict=True) if real]
    if not pairs:
        return "not run"
    return "met" if all(mine.wall_seconds < real.wall_seconds for mine, real in pairs) else "missed"


def _goal(ours: Run, other: Run | None, words: str) -> str:
    if other is None:
        return f"{words}: not run"
    factor = other.wall_seconds / ours.wall_seconds
    return f"{words}: {'met' if factor >= 1 else 'missed'} ({factor:.1f} times)"


def _figures(run: Run | None) -> tuple[str, str]:
    return (f"{run.wall_seconds:.2f}", f"{run.cpu_seconds:.2f}") if run else ("not run", "not run")


def _wall_and_cpu(run: Run | None) -> str:
    return f"{run.wall_seconds:.1f} ({run.cpu_seconds:.1f})" if run else "not run"


def _table(header: Row, rows: Sequence[Row]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
