"""How a rehearsal's verdict looks."""

from __future__ import annotations

import json
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from workshop.model.rehearsal.verdict import Verdict

_LIMITS = "Not rehearsed: EC2's real capacity, spot prices, image pulls, and what people's programs do."


def print_verdict(verdict: Verdict, console: Console) -> None:
    """The answer, the figures, what waits and why, and what a rehearsal can't know."""
    missed = sum(one.passed is False for one in verdict.figures)
    console.print("The plan holds." if verdict.passed else f"The plan does not hold: {missed} figures were missed.")
    table = Table(box=None, pad_edge=False)
    for heading in ("region", "figure", "predicted", "observed", ""):
        table.add_column(heading, justify="right" if heading in ("predicted", "observed") else "left")
    for one in verdict.figures:
        said = {True: "passed", False: "failed", None: ""}[one.passed]
        table.add_row(one.region, one.name, one.predicted, one.observed, said)
    console.print(table)
    for state, found in (("waiting", verdict.pending), ("evicted", verdict.evicted)):
        for region, reasons in found.items():
            for reason, count in reasons.items():
                console.print(f"{region}: {count} {state}: {reason}", highlight=False, markup=False)
    console.print(_LIMITS)


def verdict_json(verdict: Verdict) -> str:
    """The same facts."""
    return json.dumps(
        {
            "passed": verdict.passed,
            "figures": [asdict(one) for one in verdict.figures],
            "pending": {region: dict(found) for region, found in verdict.pending.items()},
            "evicted": {region: dict(found) for region, found in verdict.evicted.items()},
            "not_rehearsed": _LIMITS,
        },
        indent=2,
    )
