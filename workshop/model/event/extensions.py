"""More time for seats: running time until a moment, or access, in which a stopped seat may be started again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from workshop.model.event.seats import Span


@dataclass(frozen=True, kw_only=True)
class Extension:
    """seat: None for all. ends_at: until when it runs, or may be started. hours: of access, how long after each start;
    None where it goes on running."""

    seat: int | None
    made_at: datetime
    ends_at: datetime
    hours: timedelta | None = None


def extended(spans: tuple[Span, ...], seat: int, extensions: Iterable[Extension]) -> tuple[Span, ...]:
    """A seat's spans with what it was given: running time moves the event's own end, access adds a span after it."""
    own = [span for span in spans if span.hours is None]
    mine = [each for each in extensions if each.seat in (None, seat)]
    ends = [each.ends_at for each in mine if each.hours is None]
    own[-1] = Span(starts_at=own[-1].starts_at, ends_at=max([own[-1].ends_at, *ends]))
    early = [span for span in spans if span.hours is not None]
    access = [
        Span(starts_at=max(each.made_at, own[-1].ends_at), ends_at=each.ends_at, hours=each.hours)
        for each in mine
        if each.hours is not None and each.ends_at > own[-1].ends_at
    ]
    return (*early, *own, *sorted(access, key=lambda span: span.starts_at))
