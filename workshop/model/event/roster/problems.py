"""What is wrong with a roster, by line; nothing of what stands in it, which is personal data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby


class RosterError(Exception):
    """What is wrong with a roster: every line that can't be used, and why."""


def by_line(problems: Mapping[str, list[int]]) -> str:
    """In one text: what is wrong, with all lines of which it is true, the first ones first."""
    ordered = sorted(problems.items(), key=lambda one: (one[1] or [0], one[0]))
    return "; ".join(f"{_lines(lines)}{what}" for what, lines in ordered)


def _lines(numbers: list[int]) -> str:
    if not numbers:
        return ""
    named = ", ".join(_ranges(sorted(set(numbers))))
    return f"line{'s' if len(set(numbers)) > 1 else ''} {named}: "


def _ranges(numbers: Iterable[int]) -> Iterable[str]:
    """2, 3, 4, 7 as 2-4, 7."""
    for _, run in groupby(enumerate(numbers), key=lambda one: one[1] - one[0]):
        first, *rest = [number for _, number in run]
        yield f"{first}-{rest[-1]}" if rest else f"{first}"
