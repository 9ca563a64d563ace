"""Where an event stands as a whole."""

from __future__ import annotations

from datetime import datetime

from workshop.model.event.world import EventState
from workshop.model.plan.event import EventPlan
from workshop.model.settings.window import Window


def phase_of(plan: EventPlan, window: Window | None, kept: EventState, now: datetime) -> str:
    """announced, open (early access), provisioning, running, ending or settled."""
    if kept.settled_at is not None:
        return "settled"
    ends = [seat.last_end for seat in kept.seats] or [plan.ends_at]
    if kept.ending is not None or now >= max(ends):
        return "ending"
    spans = [span for seat in kept.seats for span in seat.spans]
    if now < min([span.starts_at for span in spans if span.hours is None] or [plan.starts_at]):
        return "open" if any(span.starts_at <= now for span in spans) else "announced"
    return "provisioning" if window is not None and now < window.start else "running"
