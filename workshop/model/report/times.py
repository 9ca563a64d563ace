"""When an event's seats were to run: by its settings, and by what was asked for while it ran."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from workshop.model.event.extensions import extended
from workshop.model.event.seats import own_spans
from workshop.model.plan.event import EventPlan
from workshop.model.report.history import History
from workshop.model.settings.section import given
from workshop.model.settings.stack import Settings


@dataclass(frozen=True, kw_only=True)
class Times:
    """early_at: when early access began, None without. starts_at: when seats were started for the event itself.

    opens_at: the start that was announced. ends_at: the end of each seat, by number, extensions included.
    """

    early_at: datetime | None
    starts_at: datetime
    opens_at: datetime
    ends_at: Mapping[int, datetime]
    last_end: datetime


def times_of(settings: Settings, plan: EventPlan, history: History) -> Times:
    """Of one event. Raises ValueError where the settings have no event or window."""
    event, window = given(settings.event), given(settings.window)
    spans = own_spans(event, plan, window, history.provisioned_at)
    early = [span.starts_at for span in spans if span.hours is not None]
    ends_at = {
        one.seat: _end(
            max(s.ends_at for s in extended(spans, one.seat, history.extensions) if s.hours is None), history
        )
        for one in history.seats
    }
    return Times(
        early_at=early[0] if early else None,
        starts_at=spans[-1].starts_at,
        opens_at=window.start,
        ends_at=ends_at,
        last_end=max(ends_at.values(), default=_end(spans[-1].ends_at, history)),
    )


def _end(planned: datetime, history: History) -> datetime:
    return planned if history.ended_at is None else min(planned, history.ended_at)
