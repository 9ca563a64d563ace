"""How a rehearsal's verdict looks."""

from __future__ import annotations

import json
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from workshop.model.counting import counted
from workshop.model.rehearsal.faults import EXPECTED
from workshop.model.rehearsal.rehearsal import STAND_IN_IMAGE, Rehearsal
from workshop.model.rehearsal.verdict import Verdict, is_as_expected

LIMITS = (
    "Not rehearsed: EC2's real capacity, spot prices, how fast a registry really is, and what people's programs do."
)


def print_verdict(rehearsal: Rehearsal, verdict: Verdict, console: Console) -> None:
    """The answer, the figures, what waits and why, and what a rehearsal can't know."""
    console.print(headline_of(rehearsal, verdict))
    table = Table(box=None, pad_edge=False)
    for heading in ("region", "figure", "predicted", "observed", ""):
        table.add_column(heading, justify="right" if heading in ("predicted", "observed") else "left")
    for one in verdict.figures:
        said = {True: "passed", False: "failed", None: ""}[one.passed]
        table.add_row(one.region, one.name, one.predicted, one.observed, said)
    console.print(table)
    for reason in reasons_of(verdict):
        console.print(reason, highlight=False, markup=False)
    for note in notes_of(rehearsal):
        console.print(note, highlight=False, markup=False)
    console.print(LIMITS)


def reasons_of(verdict: Verdict) -> tuple[str, ...]:
    """Why people wait or were evicted, by region."""
    return tuple(
        f"{region}: {count} {state}: {reason}"
        for state, found in (("waiting", verdict.pending), ("evicted", verdict.evicted))
        for region, counts in found.items()
        for reason, count in counts.items()
    )


def notes_of(rehearsal: Rehearsal) -> tuple[str, ...]:
    """What was rehearsed although the stack does not say so."""
    arrival = rehearsal.settings.arrival
    if arrival.images != (STAND_IN_IMAGE,):
        return ()
    seconds = arrival.image_gib * 1024 // arrival.pull_mib_per_second
    return (
        f"workshop:arrival.images names no image, so nodes pulled a stand-in of {arrival.image_gib} GiB beforehand. "
        f"At the event, as it is set, the first start on each node would take {seconds} s longer: "
        "pulumi config set --path 'workshop:arrival.images[0]' IMAGE@sha256:...",
    )


def headline_of(rehearsal: Rehearsal, verdict: Verdict) -> str:
    """The answer in a sentence."""
    missed = counted(sum(one.passed is False for one in verdict.figures), "figure")
    if rehearsal.fault is None:
        return "The plan holds." if verdict.passed else f"The plan does not hold: {missed} missed."
    what = f"{rehearsal.fault}: {EXPECTED[rehearsal.fault].what}."
    return what if is_as_expected(rehearsal, verdict) else f"Not as expected of {what}"


def verdict_json(rehearsal: Rehearsal, verdict: Verdict) -> str:
    """The same facts."""
    return json.dumps(
        {
            "passed": verdict.passed,
            "fault": rehearsal.fault,
            "as_expected": is_as_expected(rehearsal, verdict),
            "figures": [asdict(one) for one in verdict.figures],
            "pending": {region: dict(found) for region, found in verdict.pending.items()},
            "evicted": {region: dict(found) for region, found in verdict.evicted.items()},
            "notes": notes_of(rehearsal),
            "not_rehearsed": LIMITS,
        },
        indent=2,
    )
