"""A rehearsal as one HTML file to keep, with pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from workshop.cli.render.rehearsal import (
    LIMITS,
    WAIT_COLUMNS,
    WAITS_NOTE,
    headline_of,
    notes_of,
    reasons_of,
    wait_rows,
)
from workshop.cli.render.report.html import html
from workshop.cli.render.report.pictures.chart import COLOURS, Chart
from workshop.cli.render.report.section import Section, Table
from workshop.model.counting import counted
from workshop.model.plan.storage import allocatable_gib, peak_gib
from workshop.model.rehearsal.rehearsal import Rehearsal
from workshop.model.rehearsal.verdict import RegionSeen, Sample, Verdict

_BEGIN: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""Of the axis: what counts is how long after the first click something was."""


def rehearsal_page(
    rehearsal: Rehearsal, verdict: Verdict, samples: Sequence[Sample], seen: Mapping[str, RegionSeen]
) -> str:
    """The answer, all figures, why people wait or were evicted, and how it went."""
    said = {True: "passed", False: "failed", None: ""}
    rows = tuple((one.region, one.name, one.predicted, one.observed, said[one.passed]) for one in verdict.figures)
    sections = [
        Section(title="Verdict", text=(headline_of(rehearsal, verdict),), points=reasons_of(verdict)),
        Section(title="People", picture="people"),
        Section(title="Queue", picture="queue"),
        Section(
            title="Waits",
            table=Table(columns=WAIT_COLUMNS, rows=wait_rows(verdict)),
            note=WAITS_NOTE,
        ),
        Section(title="Nodes", picture="nodes"),
        Section(title="Storage", picture="storage"),
        Section(
            title="Figures",
            table=Table(columns=("region", "figure", "predicted", "observed", ""), rows=rows),
            note=" ".join((f"Seed {rehearsal.seed}, {rehearsal.speed} times as fast.", *notes_of(rehearsal), LIMITS)),
        ),
    ]
    pictures = {
        "people": _people(samples),
        "queue": _queue(samples),
        "nodes": _nodes(samples),
        "storage": _storage(rehearsal, seen),
    }
    return html(f"Rehearsal of {counted(rehearsal.users, 'arrival')}", sections, pictures)


def _people(samples: Sequence[Sample]) -> str:
    last, most = samples[-1], max(one.running for one in samples)
    chart = _chart(
        "People over time",
        f"At most {counted(most, 'workspace')} ran at once; in the end {last.left} had stopped, {last.running} ran, "
        f"{last.waiting} waited, {last.building} were built.",
        max(one.running + one.waiting + one.building + one.queued for one in samples),
        samples,
    )
    names = ("running", "waiting", "building", "queued")
    bottom = [0] * len(samples)
    for name, colour in zip(names, COLOURS, strict=False):
        top = [below + int(getattr(one, name)) for below, one in zip(bottom, samples, strict=True)]
        edge = [*_steps(chart, samples, top), *reversed(_steps(chart, samples, bottom))]
        chart.area(edge, colour)
        bottom = top
    chart.legend(list(zip(names, COLOURS, strict=False)))
    return chart.svg()


def _queue(samples: Sequence[Sample]) -> str:
    most = max(one.queued for one in samples)
    chart = _chart(
        "Builds over time",
        f"At most {counted(most, 'build')} waited for a provisioner while others were built.",
        max(max(one.queued, one.building) for one in samples),
        samples,
    )
    chart.line(_steps(chart, samples, [one.queued for one in samples]), COLOURS[1])
    chart.line(_steps(chart, samples, [one.building for one in samples]), COLOURS[0], is_dashed=True)
    chart.legend([("wait for a provisioner", COLOURS[1]), ("are built", COLOURS[0])])
    return chart.svg()


def _storage(rehearsal: Rehearsal, seen: Mapping[str, RegionSeen]) -> str:
    """What each node holds once all its workspaces take all they may, below what its kubelet offers."""
    workspaces = rehearsal.settings.workspaces
    taken = [
        (region, peak_gib(count, workspaces.storage_gib, workspaces.images_and_logs_gib))
        for region, one in seen.items()
        for _, count in one.nodes.values()
    ]
    offered = {region: float(allocatable_gib(rehearsal.volume_gib(region))) for region in seen}
    over = sum(gib > offered[region] for region, gib in taken)
    chart = Chart(
        title="Storage of each node at peak, GiB",
        description=f"{counted(over, 'node')} of {len(taken)} would hold more than its kubelet offers.",
        most=max([*offered.values(), *(gib for _, gib in taken)], default=1.0),
    )
    chart.axes("")
    for place, (region, gib) in enumerate(taken):
        left, right = chart.x(place / len(taken)), chart.x((place + 0.8) / len(taken))
        chart.bar(left, right - left, gib, COLOURS[list(seen).index(region) % len(COLOURS)])
        chart.line([(left, chart.y(offered[region])), (right, chart.y(offered[region]))], COLOURS[5])
    names = [(region, COLOURS[place % len(COLOURS)]) for place, region in enumerate(seen)]
    chart.legend([*names, ("offered", COLOURS[5])])
    return chart.svg()


def _nodes(samples: Sequence[Sample]) -> str:
    most = max(max(one.nodes, one.evicted) for one in samples)
    last = samples[-1]
    what = f"In the end there are {counted(last.nodes, 'node')}; {counted(last.evicted, 'workspace')} lost their place."
    chart = _chart("Nodes, and who lost their place, over time", what, most, samples)
    chart.line(_steps(chart, samples, [one.nodes for one in samples]), COLOURS[0])
    chart.line(_steps(chart, samples, [one.evicted for one in samples]), COLOURS[5], is_dashed=True)
    chart.legend([("nodes", COLOURS[0]), ("evicted", COLOURS[5])])
    return chart.svg()


def _chart(title: str, description: str, most: float, samples: Sequence[Sample]) -> Chart:
    until = _BEGIN + timedelta(seconds=max(60, samples[-1].at_seconds))
    chart = Chart(title=title, description=description, most=most, since=_BEGIN, until=until)
    chart.axes("")
    return chart


def _steps(chart: Chart, samples: Sequence[Sample], values: Sequence[int]) -> list[tuple[float, float]]:
    """A value stays until the next sample."""
    points: list[tuple[float, float]] = []
    for place, (one, value) in enumerate(zip(samples, values, strict=True)):
        x = chart.at(_BEGIN + timedelta(seconds=one.at_seconds))
        if place:
            points.append((x, chart.y(values[place - 1])))
        points.append((x, chart.y(value)))
    return points
