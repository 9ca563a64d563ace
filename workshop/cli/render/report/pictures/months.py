"""A picture of events side by side."""

from __future__ import annotations

from typing import Final

from workshop.cli.render.report.pictures.chart import COLOURS, HEIGHT, Chart
from workshop.model.report.months import Month, Months

MOST: Final = 12
"""Events that there is room for: the last year's."""


def months_picture(found: Months) -> str:
    """How many came and, in percent, how many completed it and how many starts failed."""
    shown = found.months[-MOST:]
    chart = Chart(
        title="Events, month over month",
        description="; ".join(_said(one) for one in shown),
        most=max([100, *(one.came or 0 for one in shown)]),
    )
    chart.axes("")
    middles = [chart.x((place + 0.5) / len(shown)) for place in range(len(shown))]
    for x, one in zip(middles, shown, strict=True):
        if one.came is not None:
            chart.bar(x - 16, 32, one.came, COLOURS[4])
            chart.label(x, chart.y(one.came) - 3, str(one.came), "middle")
        chart.label(x, HEIGHT - 12, one.event, "middle")
    for id_, colour in (("completion", COLOURS[0]), ("failure-rate", COLOURS[5])):
        points = [(x, one.numbers.get(id_)) for x, one in zip(middles, shown, strict=True)]
        known = [(x, chart.y(value)) for x, value in points if value is not None]
        chart.line(known, colour, is_dashed=id_ == "failure-rate")
        for x, y in known:
            chart.dot(x, y, colour)
    chart.legend([("people who came", COLOURS[4]), ("completed %", COLOURS[0]), ("failed starts %", COLOURS[5])])
    return chart.svg()


def _said(one: Month) -> str:
    completed, failed = one.numbers.get("completion"), one.numbers.get("failure-rate")
    came = "nobody knows how many came" if one.came is None else f"{one.came} came"
    parts = [came]
    parts += [] if completed is None else [f"{completed:g} % completed it"]
    parts += [] if failed is None else [f"{failed:g} % of starts failed"]
    return f"{one.event}: {', '.join(parts)}"
