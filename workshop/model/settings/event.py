"""The people's part of a workshop: seats, how long they last, and what they may cost. No person is named here."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from workshop.model.settings.section import Section
from workshop.model.settings.types import Count, Duration, Name, Text, between

Usd = Annotated[int, Field(ge=0, le=1_000_000)]


class Event(Section):
    """One workshop with people in it. Its times are offsets of `window.start`, and move with the window.

    Limits are ours: a longer event is taken for a typo.
    """

    name: Name = Field(description="the event's name; a new event has a new one", examples=["october"])
    template: Text = Field(description="Coder template of a seat: organization/template", examples=["coder/docker"])
    seats: Count | None = Field(default=None, description="seats for people; unset: users less the reserve")
    reserve: Annotated[int, Field(ge=0, le=1000)] = Field(default=0, description="room for late seats")
    provisioning: Annotated[Duration, between(timedelta(0), timedelta(hours=12))] = Field(
        default=timedelta(hours=1), description="how long before the start seats are started", examples=["1h"]
    )
    latest_end: Annotated[Duration, between(timedelta(minutes=15), timedelta(days=7))] = Field(
        description="how long after the start the last seat ends, extensions included", examples=["6h"]
    )
    budget_usd: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        description="USD that the event may cost", examples=[200]
    )
    ai_usd: Usd = Field(default=0, description="of the budget, set aside for models")
    cap: Literal["hard", "soft"] = Field(
        default="hard", description="hard: at the budget seats are saved and stopped; soft: it only warns"
    )
