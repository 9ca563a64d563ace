"""What a picture is drawn with: a frame with title and description, axes, lines, areas, bars."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import escape
from typing import Final

from workshop.model.legible import one_line

WIDTH: Final = 720
HEIGHT: Final = 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 16, 28, 30
_LETTERS: Final = 80

COLOURS: Final = ("#1f5fa8", "#d9822b", "#3f8f5f", "#8b4fa1", "#9aa3ad", "#c0392b", "#5d6d7e", "#b7950b", "#2c3e50")
"""Told apart in grey too, as far as so many can be; every one is named beside what it is the colour of."""


def text_of(text: str) -> str:
    """A text that others may have written, as XML takes it."""
    return escape(one_line(text, _LETTERS))


@dataclass(frozen=True, kw_only=True)
class Scale:
    """From values to pixels."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Where a value is."""
        return round(self.start + (value - self.low) / ((self.high - self.low) or 1) * (self.end - self.start), 1)


@dataclass(kw_only=True)
class Chart:
    """One picture. most: the highest value that it shows; x: what goes from left to right, from 0 to 1 unless it is
    time."""

    title: str
    description: str
    most: float
    since: datetime | None = None
    until: datetime | None = None
    parts: list[str] = field(default_factory=list[str])

    @property
    def x(self) -> Scale:
        """Seconds since the beginning, or of the whole."""
        whole = 1.0 if self.since is None or self.until is None else (self.until - self.since).total_seconds()
        return Scale(low=0, high=whole, start=_LEFT, end=WIDTH - _RIGHT)

    @property
    def y(self) -> Scale:
        """Values; they begin at 0."""
        return Scale(low=0, high=nice(self.most), start=HEIGHT - _BOTTOM, end=_TOP)

    def at(self, moment: datetime) -> float:
        """Where a moment is."""
        return self.x((moment - (self.since or moment)).total_seconds())

    def label(self, x: float, y: float, text: str, anchor: str = "start", colour: str = "#333333") -> None:
        """Words."""
        self.parts.append(
            f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" fill="{colour}" font-size="11" '
            f'font-family="sans-serif">{text_of(text)}</text>'
        )

    def line(self, points: Iterable[tuple[float, float]], colour: str, *, is_dashed: bool = False) -> None:
        """A line through pixels."""
        dashes = ' stroke-dasharray="5 4"' if is_dashed else ""
        path = " ".join(f"{x:g},{y:g}" for x, y in points)
        self.parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{dashes}/>')

    def area(self, points: Iterable[tuple[float, float]], colour: str) -> None:
        """An area between pixels."""
        path = " ".join(f"{x:g},{y:g}" for x, y in points)
        self.parts.append(f'<polygon points="{path}" fill="{colour}"/>')

    def bar(self, left: float, width: float, value: float, colour: str) -> None:
        """A bar from the bottom up."""
        top = self.y(value)
        height = round(self.y(0) - top, 1)
        self.parts.append(f'<rect x="{left:g}" y="{top:g}" width="{width:g}" height="{height:g}" fill="{colour}"/>')

    def dot(self, x: float, y: float, colour: str) -> None:
        """A point of a line."""
        self.parts.append(f'<circle cx="{x:g}" cy="{y:g}" r="3.5" fill="{colour}"/>')

    def legend(self, names: Sequence[tuple[str, str]]) -> None:
        """What each colour means, in a row above."""
        x = float(_LEFT + 6)
        for name, colour in names:
            self.parts.append(f'<rect x="{x:g}" y="4" width="10" height="10" fill="{colour}"/>')
            self.label(x + 14, 13, name)
            x += 26 + 6.4 * len(name)

    def axes(self, unit: str) -> None:
        """Both, with values at the left and, where there is time, moments at the bottom, UTC."""
        for part in range(5):
            value = nice(self.most) * part / 4
            y = self.y(value)
            self.parts.append(f'<line x1="{_LEFT}" y1="{y:g}" x2="{WIDTH - _RIGHT}" y2="{y:g}" stroke="#dddddd"/>')
            self.label(_LEFT - 6, y + 4, f"{value:g}{unit}", "end")
        if self.since is not None and self.until is not None:
            for moment in ticks(self.since, self.until):
                is_day = self.until - self.since > timedelta(days=2)
                self.label(self.at(moment), HEIGHT - 12, f"{moment:%d %b}" if is_day else f"{moment:%H:%M}", "middle")

    def svg(self) -> str:
        """The whole picture, which says in words what it shows."""
        inside = "\n".join(self.parts)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
            f'height="{HEIGHT}" role="img">\n<title>{text_of(self.title)}</title>\n'
            f"<desc>{escape(one_line(self.description))}</desc>\n"
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>\n{inside}\n</svg>\n'
        )


def nice(most: float) -> float:
    """The next 1, 2, 4 or 5 with zeros, so that a quarter of it is short to write."""
    size = 1.0
    while size * 10 < most:
        size *= 10
    while size > most > 0:
        size /= 10
    return next((size * step for step in (1, 2, 4, 5, 8, 10) if size * step >= most), 1.0)


def ticks(since: datetime, until: datetime) -> tuple[datetime, ...]:
    """Six whole moments at most."""
    for minutes in (5, 10, 15, 30, 60, 120, 240, 720, 1440, 2880, 10080):
        step = timedelta(minutes=minutes)
        if (until - since) / step <= 6:
            break
    else:
        return (since, until)
    day = since.replace(hour=0, minute=0, second=0, microsecond=0)
    first = day + -(-(since - day) // step) * step
    return tuple(first + step * place for place in range(7) if first + step * place <= until)
