"""The time in which nothing may be disturbed."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from workshop.model.settings.errors import check_distinct
from workshop.model.settings.section import Section
from workshop.model.settings.types import Duration, Moment, between


class Override(StrEnum):
    """What is refused within the window unless the settings name it: each is the risk that is taken."""

    IMAGE_CHANGE = "image-change"
    NODE_REPLACEMENT = "node-replacement"
    FEWER_USERS = "fewer-users"


class Window(Section):
    """The time in which nothing may be disturbed: preparation, the event itself and cool-down.

    Limits are ours: a longer window is taken for a typo.
    """

    start: Moment = Field(description="start of the event, ISO 8601 with its offset from UTC, quoted")
    duration: Annotated[Duration, between(timedelta(minutes=1), timedelta(days=7))] = Field(
        description="how long the event takes", examples=["4h"]
    )
    preparation: Annotated[Duration, between(timedelta(0), timedelta(days=14))] = Field(
        default=timedelta(hours=24), description="how long before the start the window opens", examples=["24h"]
    )
    cool_down: Annotated[Duration, between(timedelta(0), timedelta(days=14))] = Field(
        default=timedelta(hours=2), description="how long after the event it closes", examples=["2h"]
    )
    overrides: tuple[Override, ...] = Field(
        default=(), description="risks that are taken within this window although it refuses them"
    )

    @model_validator(mode="after")
    def _overrides_are_distinct(self) -> Window:
        check_distinct("overrides", self.overrides)
        return self

    @property
    def opens_at(self) -> datetime:
        """When preparation begins."""
        return self.start - self.preparation

    @property
    def closes_at(self) -> datetime:
        """When cool-down ends."""
        return self.start + self.duration + self.cool_down
