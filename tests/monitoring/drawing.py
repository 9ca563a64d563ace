"""Dashboards as pictures: panels from Prometheus' answers, drawn as SVG, as there is no Grafana here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

from workshop.model.monitoring.dashboards.panel import Dashboard, Panel

WIDTH, HEIGHT, GAP, HEAD = 320, 170, 12, 34
LEFT, TOP, RIGHT, BOTTOM = 44, 34, 8, 34
COLOURS: Final = ("#2f6f9f", "#b8572a", "#4a8048", "#8a5a9c", "#a08428", "#5f6b73")
SHOWN: Final = 6
"""Series of a panel that are drawn and named; a picture is not Grafana."""

_SUFFIX: Final = {"percent": " %", "s": " s", "gib": " GiB", "currencyUSD": " USD", "dtdurations": " h", "short": ""}


@dataclass(frozen=True)
class Line:
    """One series. points: seconds since the start, and value."""

    legend: str
    points: Sequence[tuple[float, float]]


def lines_of(panel: Panel, answers: Mapping[str, list[dict[str, Any]]], start_at: float) -> list[Line]:
    """answers: by legend template."""
    scale = 3600 if panel.unit == "dtdurations" else 1
    lines = [
        Line(
            re.sub(r"{{(\w+)}}", lambda found, metric=one["metric"]: metric.get(found[1], ""), template).strip(", "),
            [(at - start_at, float(value) / scale) for at, value in one["values"] if value not in ("NaN", "+Inf")],
        )
        for template, result in answers.items()
        for one in result
    ]
    return sorted((line for line in lines if line.points), key=lambda line: -line.points[-1][1])


def drawn(shown: Dashboard, lines: Mapping[str, list[Line]], span: tuple[float, float], caption: str) -> str:
    """The dashboard as SVG. lines: by the panel's title. span: seconds that are shown."""
    width = 3 * WIDTH + 4 * GAP
    parts: list[str] = []
    top = 2 * GAP + 20
    for heading, panels in shown.rows.items():
        parts.append(f'<text x="{GAP}" y="{top + 18}" class="row">{escape(heading)}</text>')
        top += HEAD - GAP
        for index, panel in enumerate(panels):
            left, down = GAP + (index % 3) * (WIDTH + GAP), top + GAP + (index // 3) * (HEIGHT + GAP)
            parts.append(f'<g transform="translate({left},{down})">{_panel(panel, lines[panel.title], span)}</g>')
        top += GAP + -(-len(panels) // 3) * (HEIGHT + GAP)
    style = (
        "text{font:11px sans-serif;fill:#333}.title{font-weight:bold}.row{font-size:14px;font-weight:bold}"
        ".head{font-size:17px;font-weight:bold}.small{font-size:10px;fill:#666}"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {top}" role="img">'
        f"<title>{escape(shown.title)}</title><desc>{escape(caption)}</desc><style>{style}</style>"
        f'<rect width="{width}" height="{top}" fill="#f4f5f6"/>'
        f'<text x="{GAP}" y="24" class="head">{escape(shown.title)}</text>'
        f'<text x="{width - GAP}" y="24" text-anchor="end" class="small">{escape(caption)}</text>'
        f"{''.join(parts)}</svg>\n"
    )


def _panel(panel: Panel, lines: Sequence[Line], span: tuple[float, float]) -> str:
    values = [value for line in lines[:SHOWN] for _, value in line.points]
    limit = [] if panel.limit is None else [panel.limit]
    highest = max([*values, *limit, 0.001]) * 1.05
    lowest = min([*values, 0.0])
    first, last = span
    inner_width, inner_height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def place(at: float, value: float) -> str:
        x = LEFT + (at - first) / (last - first) * inner_width
        y = TOP + (highest - value) / (highest - lowest) * inner_height
        return f"{x:.0f},{y:.0f}"

    drawn = [
        f'<rect width="{WIDTH}" height="{HEIGHT}" rx="4" fill="#fff"/>'
        f'<text x="8" y="18" class="title">{escape(panel.title)}</text>'
    ]
    for value in (lowest, highest / 1.05):
        y = place(first, value).partition(",")[2]
        drawn.append(
            f'<text x="{LEFT - 4}" y="{y}" text-anchor="end" class="small">{_short(value)}</text>'
            f'<path d="M{LEFT} {y}H{WIDTH - RIGHT}" stroke="#ddd"/>'
        )
    if panel.limit is not None:
        y = place(first, panel.limit).partition(",")[2]
        drawn.append(f'<path d="M{LEFT} {y}H{WIDTH - RIGHT}" stroke="#c33" stroke-dasharray="4 3"/>')
    for line, colour in zip(lines, COLOURS, strict=False):
        points = " ".join(dict.fromkeys(place(at, value) for at, value in line.points))
        drawn.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
    drawn.append(_legend(panel, lines))
    return "".join(drawn)


def _legend(panel: Panel, lines: Sequence[Line]) -> str:
    suffix = _SUFFIX[panel.unit]
    if not lines:
        return f'<text x="8" y="{HEIGHT - 12}" class="small">nothing: {escape(panel.meaning)}</text>'
    spans = [
        f'<tspan fill="{colour}">&#9632; </tspan>{escape(line.legend[:24])} {_short(line.points[-1][1])}{suffix} '
        for line, colour in zip(lines[:2], COLOURS, strict=False)
    ]
    more = f"and {len(lines) - 2} more" if len(lines) > 2 else ""
    return f'<text x="8" y="{HEIGHT - 10}" class="small">{"".join(spans)}{more}</text>'


def _short(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 10 or value == round(value) else f"{value:.1f}"
