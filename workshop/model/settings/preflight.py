"""What preflight asks, and whether `up` wants to see its record. Tokens come from the environment, never from here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

from pydantic import Field

from workshop.model.settings.section import Section
from workshop.model.settings.types import AwsRegion, Duration, Name, Url, between


class Preflight(Section):
    """Where the systems are that no provider reaches, and how long a record holds.

    What is not set is never reported as passed, but as inconclusive.
    """

    required: bool = Field(default=False, description="whether up refuses without a fresh record that says go")
    holds: Annotated[Duration, between(timedelta(minutes=1), timedelta(days=7))] = Field(
        default=timedelta(hours=24),
        description="how long a record holds, unless settings change before",
        examples=["24h"],
    )
    prometheus_url: Url | None = Field(
        default=None, description="Prometheus' API", examples=["https://prometheus.example.com"]
    )
    alertmanager_url: Url | None = Field(
        default=None, description="Alertmanager's API", examples=["https://alertmanager.example.com"]
    )
    smoke_templates: Mapping[AwsRegion, Name] = Field(
        default={}, description="region -> template of the default organization whose workspaces run there"
    )
