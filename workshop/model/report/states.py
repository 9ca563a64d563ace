"""How many seats were in which state, over time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from pydantic import AwareDatetime

from workshop.model.report.section import Part
from workshop.model.report.timeline import SeatTimeline

_POINTS: Final = 120
"""At most, less one: moments at which something changed, or as many at even distances."""


class StateCount(Part):
    """Seats by state at a moment."""

    at: AwareDatetime
    counts: Mapping[str, int]


def states(lines: Mapping[int, SeatTimeline], as_of: datetime) -> tuple[StateCount, ...]:
    """From the first state that is known until now; empty where the journal has none."""
    changes = sorted({spell.since for line in lines.values() for spell in line.spells})
    if not changes:
        return ()
    first, whole = changes[0], as_of - changes[0]
    moments = [*changes, as_of]
    if len(moments) > _POINTS:
        moments = [(first + whole * point / _POINTS).replace(microsecond=0) for point in range(_POINTS + 1)]
    return tuple(StateCount(at=at, counts=_counts(lines, at)) for at in dict.fromkeys(moments))


def _counts(lines: Mapping[int, SeatTimeline], at: datetime) -> Mapping[str, int]:
    return dict(sorted(Counter(line.state(at) for line in lines.values()).items()))
