"""How many seats were in which state, over time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from pydantic import AwareDatetime

from workshop.model.report.section import Part, moments
from workshop.model.report.timeline import SeatTimeline

_POINTS: Final = 120


class StateCount(Part):
    """Seats by state at a moment."""

    at: AwareDatetime
    counts: Mapping[str, int]


def states(lines: Mapping[int, SeatTimeline], since: datetime, as_of: datetime) -> tuple[StateCount, ...]:
    """From a moment on until now; empty where the journal has none."""
    known = {spell.since for line in lines.values() for spell in line.spells}
    if not known or since >= as_of:
        return ()
    changes = sorted({since, as_of} | {one for one in known if since < one < as_of})
    return tuple(StateCount(at=at, counts=_counts(lines, at)) for at in moments(changes, _POINTS))


def _counts(lines: Mapping[int, SeatTimeline], at: datetime) -> Mapping[str, int]:
    return dict(sorted(Counter(line.state(at) for line in lines.values()).items()))
