"""Whether a moment lies in the window. The model reads no clock: observations say when they were made."""

from __future__ import annotations

from datetime import datetime

from workshop.model.settings_window import Window


def in_window(window: Window, moment: datetime) -> bool:
    """From the opening to the close, both included."""
    return window.opens_at <= moment <= window.closes_at
