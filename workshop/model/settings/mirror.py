"""How images get into the control plane's registry from where they are published."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from workshop.model.settings.errors import check_distinct
from workshop.model.settings.registry import Image
from workshop.model.settings.section import Section
from workshop.model.settings.types import Schedule

Unproven = Literal["unsigned", "unverifiable"]
"""A source without a signature, and one with a signature that nothing at hand can verify."""


class Mirror(Section):
    """The CronJob that mirrors workshop:image and these, by digest (docs/images.md)."""

    images: tuple[Image, ...] = Field(
        default=(), description="images mirrored beside workshop:image, such as those that workspaces run"
    )
    schedule: Schedule = Field(
        default="17 */6 * * *", description="when images are mirrored: a cron schedule, UTC", examples=["17 */6 * * *"]
    )
    refuse: tuple[Unproven, ...] = Field(
        default=(), description="what may not be promoted: unsigned images, unverifiable ones, or both"
    )

    @model_validator(mode="after")
    def _nothing_is_named_twice(self) -> Mirror:
        check_distinct("refuse", self.refuse)
        return self
