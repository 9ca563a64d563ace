"""Times as those who plan the event know them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from workshop.model.settings.window import Window

_MOMENT: Final = re.compile(r"\b(\d{4}-\d\d-\d\d \d\d:\d\d) UTC\b")


def with_offset(text: str, window: Window | None) -> str:
    """The text, each of its moments also in the offset from UTC in which the window's start is written."""
    if window is None or not window.start.utcoffset():
        return text
    zone = window.start.tzinfo

    def add(found: re.Match[str]) -> str:
        own = datetime.fromisoformat(found[1]).replace(tzinfo=UTC).astimezone(zone)
        day = "" if own.date() == datetime.fromisoformat(found[1]).date() else f"{own:%Y-%m-%d} "
        return f"{found[0]} ({day}{own:%H:%M} {own.isoformat()[-6:]})"

    return _MOMENT.sub(add, text)
