"""The table of counts, for a terminal and for docs/reliability.md."""

from __future__ import annotations

from collections.abc import Iterable

from tests.faults.verdict import Verdict

COLUMNS = ("fault", "runs", "clear message", "exit code", "losses", "converged")


def rows(verdicts: Iterable[Verdict]) -> list[tuple[str, ...]]:
    """One a fault, in the order in which they were met."""
    by_fault: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        by_fault.setdefault(verdict.fault, []).append(verdict)
    return [_row(fault, found) for fault, found in by_fault.items()]


def markdown(verdicts: Iterable[Verdict]) -> str:
    """As a Markdown table."""
    lines = [COLUMNS, ("---",) * len(COLUMNS), *rows(verdicts)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _row(fault: str, found: list[Verdict]) -> tuple[str, ...]:
    said = [verdict.is_clear for verdict in found if verdict.is_clear is not None]
    return (
        fault,
        str(len(found)),
        f"{sum(said)} of {len(said)}" if said else "nobody is left to give one" if _is_fatal(found) else "none needed",
        ", ".join(str(code) for code in sorted({verdict.exit_code for verdict in found})),
        str(sum(len(verdict.losses) for verdict in found)),
        f"{sum(verdict.is_converged for verdict in found)} of {len(found)}",
    )


def _is_fatal(found: list[Verdict]) -> bool:
    return any(verdict.exit_code < 0 for verdict in found)
