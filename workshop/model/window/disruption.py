"""How nodes are held in the window: a Karpenter budget that allows no disruption and lapses by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, timedelta

from workshop.model.settings.window import Window

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Hold:
    """When a budget of no nodes is active. schedule: cron fields, UTC; duration: hours and minutes from each hit."""

    schedule: str
    duration: str


def hold_over(window: Window) -> Hold:
    """From the minute in which the window opens to the one in which it closes, however long that is.

    Karpenter looks back by the duration for a hit of the schedule, so one hit holds over midnight and months' ends.
    Cron knows no year: where nobody runs `up` after the window, empty nodes stay a few hours longer a year later. The
    day of the week stays open, since cron takes it for an alternative to the date, not for a narrowing.
    """
    opens_at = window.opens_at.astimezone(UTC).replace(second=0, microsecond=0)
    minutes = -((opens_at - window.closes_at.astimezone(UTC)) // _MINUTE)
    return Hold(
        schedule=f"{opens_at.minute} {opens_at.hour} {opens_at.day} {opens_at.month} *",
        duration=f"{minutes // 60}h{minutes % 60}m",
    )
