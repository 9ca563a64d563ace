"""Where a moment lies in a window. What travels in plan and resources is the phase, never the time."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from workshop.model.settings_window import Window


class Phase(StrEnum):
    """The window opens with preparation and closes when cool-down ends; nothing may be disturbed in between."""

    BEFORE = "before"
    PREPARATION = "preparation"
    RUNNING = "running"
    COOL_DOWN = "cool-down"
    AFTER = "after"

    @property
    def is_in_window(self) -> bool:
        """Whether nothing may be disturbed now."""
        return self not in (Phase.BEFORE, Phase.AFTER)


def phase_at(window: Window | None, moment: datetime) -> Phase | None:
    """The phase of a moment with time zone, None without a window.

    A phase holds from its first instant to the next one's.
    """
    if window is None:
        return None
    if moment < window.opens_at:
        return Phase.BEFORE
    if moment < window.start:
        return Phase.PREPARATION
    if moment < window.start + window.duration:
        return Phase.RUNNING
    if moment < window.closes_at:
        return Phase.COOL_DOWN
    return Phase.AFTER
