"""The pictures of one event, by the name that its sections have for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from workshop.cli.render.report.pictures.chart import COLOURS, HEIGHT, Chart
from workshop.model.counting import counted
from workshop.model.plan.event import THRESHOLDS_PERCENT
from workshop.model.report.people import Engagement
from workshop.model.report.report import Report
from workshop.model.window.phases import moment

STATES: Final = ("ready", "starting", "stopping", "failed", "lost", "stopped", "gone", "unused", "planned")
"""From the bottom up: what can be worked in first."""


def pictures(report: Report) -> Mapping[str, str]:
    """SVG by name; none of what was not measured."""
    found = {
        "spending": _spending(report),
        "states": _states(report),
        "starts": _starts(report),
        "engagement": _engagement(report),
    }
    return {name: picture for name, picture in found.items() if picture}


def _spending(report: Report) -> str:
    points, budget = report.money.over_time, report.money.budget_usd
    if len(points) < 2:
        return ""
    ai = float(report.money.actual["ai"])
    chart = Chart(
        title="Spending over time",
        description=f"Nodes and volumes with what is set aside for models: {report.money.due} of {budget} USD by "
        f"{moment(points[-1].at)}; dashed lines are {', '.join(map(str, THRESHOLDS_PERCENT))} % of the budget.",
        most=max(float(report.money.due), float(budget)),
        since=points[0].at,
        until=points[-1].at,
    )
    chart.axes(" $")
    for percent in THRESHOLDS_PERCENT:
        y = chart.y(budget * percent / 100)
        chart.line(((chart.at(points[0].at), y), (chart.at(points[-1].at), y)), COLOURS[5], is_dashed=True)
        chart.label(chart.at(points[-1].at), y - 3, f"{percent} %", "end", COLOURS[5])
    chart.line(((chart.at(one.at), chart.y(float(one.usd) + ai)) for one in points), COLOURS[0])
    return chart.svg()


def _states(report: Report) -> str:
    counts = report.states
    if len(counts) < 2 or counts[0].at == counts[-1].at:
        return ""
    used = [state for state in STATES if any(one.counts.get(state) for one in counts)]
    chart = Chart(
        title="Seats by state over time",
        description=f"At the end: {', '.join(f'{number} {state}' for state, number in counts[-1].counts.items())}.",
        most=max(sum(one.counts.values()) for one in counts),
        since=counts[0].at,
        until=counts[-1].at,
    )
    chart.axes("")
    below = [0] * len(counts)
    for place, state in enumerate(used):
        above = [low + one.counts.get(state, 0) for low, one in zip(below, counts, strict=True)]
        chart.area([*_steps(report, chart, above), *reversed(_steps(report, chart, below))], _colour(place))
        below = above
    chart.legend([(state, _colour(place)) for place, state in enumerate(used)])
    return chart.svg()


def _steps(report: Report, chart: Chart, values: list[int]) -> list[tuple[float, float]]:
    """A state lasts until the next moment."""
    found: list[tuple[float, float]] = []
    for one, value, before in zip(report.states, values, [values[0], *values], strict=False):
        found += [(chart.at(one.at), chart.y(before)), (chart.at(one.at), chart.y(value))]
    return found


def _starts(report: Report) -> str:
    starts = report.starts
    kinds = [("half within", "p50"), ("95 % within", "p95"), ("slowest", "slowest"), ("all ready", "all_ready")]
    pairs = [
        (name, getattr(starts.predicted, field), getattr(starts.actual, field))
        for name, field in kinds
        if getattr(starts.actual, field) is not None and getattr(starts.predicted, field) is not None
    ]
    if not pairs:
        return ""
    chart = Chart(
        title="Starts, predicted and actual",
        description="; ".join(f"{name}: {planned:.0f} s predicted, {was:.0f} s actual" for name, planned, was in pairs),
        most=max(max(planned, was) for _, planned, was in pairs),
    )
    chart.axes(" s")
    for place, (name, planned, was) in enumerate(pairs):
        left = chart.x((place + 0.2) / len(pairs))
        for offset, value, colour in ((0, planned, COLOURS[4]), (52, was, COLOURS[0])):
            chart.bar(left + offset, 48, value, colour)
            chart.label(left + offset + 24, chart.y(value) - 3, f"{value:.0f}", "middle")
        chart.label(left + 50, HEIGHT - 12, name, "middle")
    chart.legend([("predicted", COLOURS[4]), ("actual", COLOURS[0])])
    return chart.svg()


def _engagement(report: Report) -> str:
    counts = [
        (kind, number) for kind, number in report.people.engagement.items() if number or kind != Engagement.UNKNOWN
    ]
    if not any(number for _, number in counts):
        return ""
    chart = Chart(
        title="Engagement",
        description=", ".join(f"{counted(number, 'person', 'people')} {kind}" for kind, number in counts),
        most=max(number for _, number in counts),
    )
    chart.axes("")
    for place, (kind, number) in enumerate(counts):
        left = chart.x((place + 0.3) / len(counts))
        chart.bar(left, 80, number, _colour(place))
        chart.label(left + 40, chart.y(number) - 3 if number else chart.y(0) - 3, str(number), "middle")
        chart.label(left + 40, HEIGHT - 12, kind.value, "middle")
    return chart.svg()


def _colour(place: int) -> str:
    return COLOURS[place % len(COLOURS)]
