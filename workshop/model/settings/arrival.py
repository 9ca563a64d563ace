"""How people come to a workshop, and how long they may wait for their workspaces."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, model_validator

from workshop.model.settings.errors import WrongValue, check_distinct, raise_wrong
from workshop.model.settings.section import Section
from workshop.model.settings.types import Duration, ImageDigest, Name, between, written

Seconds = Annotated[int, Field(ge=0, le=3600)]
PositiveSeconds = Annotated[int, Field(ge=1, le=3600)]


class Arrival(Section):
    """How people come, how long each stage of a start takes, and what is promised.

    Where a default has no source in its description it is assumed, until a rehearsal or an event has measured it.
    """

    within: Annotated[Duration, between(timedelta(0), timedelta(hours=12))] = Field(
        default=timedelta(0),
        description="time in which people come, each when they like; 0m: all at once",
        examples=["3m"],
    )
    per_minute: Annotated[tuple[Annotated[int, Field(ge=0, le=100_000)], ...], Field(max_length=720)] = Field(
        default=(),
        description="instead of within: people who came in each minute of an earlier event, or registered; their "
        "proportions are taken",
    )
    build_seconds: PositiveSeconds = Field(default=45, description="a build on a provisioner, on average (assumed)")
    build_spread_percent: Annotated[int, Field(ge=0, le=300)] = Field(
        default=25, description="standard deviation of a build, of its average (assumed); 0: all take the same time"
    )
    node_boot_seconds: Seconds = Field(
        default=65, description="from a pod that waits until its new node is Ready, on average (Outreach on EKS, 2026)"
    )
    node_boot_spread_percent: Annotated[int, Field(ge=0, le=300)] = Field(
        default=20,
        description="standard deviation of a node's boot, of its average (assumed); 0: all take the same time",
    )
    image_gib: Annotated[int, Field(ge=0, le=1000)] = Field(
        default=3, description="GiB that a node pulls for its first workspace (assumed)"
    )
    pull_mib_per_second: Annotated[int, Field(ge=1, le=100_000)] = Field(
        default=25, description="MiB of it that a node pulls a second (ECR, one layer; containerd issue 8160)"
    )
    agent_seconds: Seconds = Field(
        default=15, description="from a started container until Coder's agent is ready (assumed)"
    )
    queue_target_seconds: Seconds = Field(
        default=30, description="longest wait for a provisioner that 95 % of builds may have"
    )
    start_target_seconds: PositiveSeconds = Field(
        default=120, description="from click to agent, on average at most (postmortem of September 2024)"
    )
    warm_lead: Annotated[Duration, between(timedelta(minutes=15), timedelta(hours=12))] = Field(
        default=timedelta(hours=1), description="how long before the start nodes are made ready", examples=["1h"]
    )
    images: tuple[ImageDigest, ...] = Field(
        default=(), description="what workspaces run; nodes pull it before people come"
    )
    pull_secrets: tuple[Name, ...] = Field(
        default=(), description="Secrets with which these are pulled, in the namespace ai-coder-workshop-warm"
    )
    on_miss: Literal["advice", "refuse"] = Field(
        default="advice", description="what up does where the plan misses a target"
    )

    @property
    def manner(self) -> str:
        """How people come, after "people come"."""
        if self.per_minute:
            return "minute by minute as in workshop:arrival.per_minute"
        return f"within {written(self.within)}" if self.within else "at once"

    @model_validator(mode="after")
    def _people_come_in_one_way(self) -> Arrival:
        if self.per_minute and self.within:
            needed = "must be unset or 0m with per_minute, which says when people come"
            raise_wrong([WrongValue(path=("within",), found=written(self.within), needed=needed, fix="0m")])
        if self.per_minute and not any(self.per_minute):
            needed = "must have a minute in which somebody comes"
            raise_wrong([WrongValue(path=("per_minute", 0), found="0", needed=needed, fix="1")])
        return self

    @model_validator(mode="after")
    def _images_are_distinct(self) -> Arrival:
        check_distinct("images", self.images)
        check_distinct("pull_secrets", self.pull_secrets)
        return self
