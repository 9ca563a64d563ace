"""The time in which nothing may be disturbed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from workshop.model.forms import Duration, Moment
from workshop.model.settings_section import Section


class Window(Section):
    """The time in which nothing may be disturbed: preparation, the event itself and cool-down.

    Limits are ours: a longer window is taken for a typo.
    """

    start: Moment = Field(
        description="start of the event, ISO 8601 with its offset from UTC, quoted", examples=["2026-10-01T09:00-07:00"]
    )
    duration: Annotated[Duration, Field(ge=timedelta(minutes=1), le=timedelta(days=7))] = Field(
        description="how long the event takes", examples=["4h"]
    )
    preparation: Annotated[Duration, Field(le=timedelta(days=14))] = timedelta(hours=24)
    cool_down: Annotated[Duration, Field(le=timedelta(days=14))] = timedelta(hours=2)

    @property
    def opens_at(self) -> datetime:
        """When preparation begins."""
        return self.start - self.preparation

    @property
    def closes_at(self) -> datetime:
        """When cool-down ends."""
        return self.start + self.duration + self.cool_down
