"""How a rehearsal's verdict looks."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Final, cast

from junitparser import Failure, JUnitXml, TestCase, TestSuite
from rich.console import Console
from rich.table import Table

from workshop.model.counting import counted
from workshop.model.rehearsal.queue import Spread
from workshop.model.rehearsal.rehearsal import STAND_IN_IMAGE, Rehearsal
from workshop.model.rehearsal.verdict import WAITS, Verdict, is_as_expected

LIMITS: Final = (
    "Not rehearsed: EC2's real capacity, spot prices, how fast a registry really is, and what people's programs do. "
    "Prices are those of the plan's catalogue, on demand."
)


def print_verdict(rehearsal: Rehearsal, verdict: Verdict, console: Console) -> None:
    """The answer, the figures, what waits and why, and what a rehearsal can't know."""
    console.print(headline_of(rehearsal, verdict))
    console.print(figure_table(verdict))
    if verdict.queues:
        console.print(_waits(verdict))
    for reason in reasons_of(verdict):
        console.print(reason, highlight=False, markup=False)
    for note in notes_of(rehearsal):
        console.print(note, highlight=False, markup=False)
    console.print(LIMITS)


def figure_table(verdict: Verdict) -> Table:
    """Every figure, predicted and observed."""
    table = Table(box=None, pad_edge=False)
    for heading in ("region", "figure", "predicted", "observed", ""):
        table.add_column(heading, justify="right" if heading in ("predicted", "observed") else "left")
    for one in verdict.figures:
        said = {True: "passed", False: "failed", None: ""}[one.passed]
        table.add_row(one.region, one.name, one.predicted, one.observed, said)
    return table


WAIT_COLUMNS: Final = ("region", "provisioners", "nodes", "queue", "observed", "start", "observed")


def wait_rows(verdict: Verdict) -> tuple[tuple[str, ...], ...]:
    """Waits with one provisioner fewer, as declared and with one more, as predicted and as observed; see WAITS_NOTE."""
    return tuple(
        (
            region,
            f"{line.provisioners}{f' to {line.scaled_to}' if line.scaled_to else ''}{' *' if line.is_declared else ''}",
            "ready" if line.is_warm else "cold",
            _spread(line.predicted.queue),
            _spread(line.observed.queue) if line.observed else "",
            _spread(line.predicted.start),
            _spread(line.observed.start) if line.observed else "",
        )
        for region, lines in verdict.queues.items()
        for line in lines
    )


WAITS_NOTE: Final = (
    "Waits: seconds of 50 %, 95 % and all, as the plan predicts over 20 mornings and as observed; * was played, other "
    "numbers of provisioners are replayed with its arrivals and times."
)


def _spread(found: Spread) -> str:
    return f"{found.p50:.0f}/{found.p95:.0f}/{found.last:.0f}"


def _waits(verdict: Verdict) -> Table:
    table = Table(box=None, pad_edge=False, title=WAITS_NOTE, title_justify="left", title_style="")
    for heading in WAIT_COLUMNS:
        table.add_column(heading, justify="left" if heading in ("region", "nodes") else "right")
    for row in wait_rows(verdict):
        table.add_row(*row)
    return table


def reasons_of(verdict: Verdict) -> tuple[str, ...]:
    """Why people wait or were evicted, by region, and what else there is to say."""
    return (
        tuple(
            f"{region}: {count} {state}: {reason}"
            for state, found in (("waiting", verdict.pending), ("evicted", verdict.evicted))
            for region, counts in found.items()
            for reason, count in counts.items()
        )
        + verdict.notes
    )


def notes_of(rehearsal: Rehearsal) -> tuple[str, ...]:
    """What was rehearsed although the stack does not say so."""
    arrival = rehearsal.settings.arrival
    if arrival.images != (STAND_IN_IMAGE,):
        return ()
    seconds = arrival.image_gib * 1024 // arrival.pull_mib_per_second
    return (
        f"workshop:arrival.images names no image: workspaces ran a stand-in of {arrival.image_gib} GiB, which nodes "
        "that stood ready had pulled. "
        f"At the event, as it is set, the first start on each node would take {seconds} s longer: "
        "pulumi config set --path 'workshop:arrival.images[0]' IMAGE@sha256:...",
    )


def headline_of(rehearsal: Rehearsal, verdict: Verdict) -> str:
    """The answer in a sentence."""
    missed = counted(sum(one.passed is False for one in verdict.figures), "figure")
    if (expected := rehearsal.expected) is None:
        return "The plan holds." if verdict.passed else f"The plan does not hold: {missed} missed."
    what = f"{rehearsal.fault}: {expected.what}."
    return what if is_as_expected(rehearsal, verdict) else f"Not as expected of {what}"


def verdict_json(stack: str, rehearsal: Rehearsal, verdict: Verdict) -> str:
    """The same facts."""
    return json.dumps(
        {
            "stack": stack,
            "headline": headline_of(rehearsal, verdict),
            "passed": verdict.passed,
            "fault": rehearsal.fault,
            "as_expected": is_as_expected(rehearsal, verdict),
            "users": rehearsal.users,
            "seed": rehearsal.seed,
            "figures": [asdict(one) for one in verdict.figures],
            "waits": {region: [asdict(line) for line in lines] for region, lines in verdict.queues.items()},
            "pending": {region: dict(found) for region, found in verdict.pending.items()},
            "evicted": {region: dict(found) for region, found in verdict.evicted.items()},
            "notes": (*verdict.notes, *notes_of(rehearsal)),
            "not_rehearsed": LIMITS,
        },
        indent=2,
    )


def verdict_junit(rehearsal: Rehearsal, verdict: Verdict) -> str:
    """JUnit XML: a case for each figure of each region, failed where it was missed and no fault makes one miss it."""
    suite = TestSuite("workshop rehearse")
    allowed = WAITS | rehearsal.expected.misses if rehearsal.expected else frozenset[str]()
    for one in verdict.figures:
        case = TestCase(one.name, classname=one.region)
        if one.passed is False and one.name not in allowed:
            case.result = [Failure(f"observed {one.observed}; predicted {one.predicted}", type_=one.name)]
        suite.add_testcase(case)
    whole = TestCase("as expected", classname="rehearsal")
    if not is_as_expected(rehearsal, verdict):
        whole.result = [Failure("\n".join((headline_of(rehearsal, verdict), *reasons_of(verdict))), type_="verdict")]
    suite.add_testcase(whole)
    document = JUnitXml("workshop rehearse")
    document.add_testsuite(suite)
    return cast("bytes", document.tostring()).decode("utf-8")
