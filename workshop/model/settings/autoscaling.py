"""Provisioners that follow Coder's queue, by KEDA."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from workshop.model.settings.section import Section
from workshop.model.settings.types import Count, Duration, Name, SecretKey, Url, between


class Autoscaling(Section):
    """How KEDA scales provisioners of the default organization, and where the exporter has its token for Coder."""

    enabled: bool = Field(default=False, description="whether KEDA scales provisioners of the default organization")
    max_provisioners: Count = Field(
        default=60,
        description="of a region at most, however many users there are; all are connected to Coder's servers, each of "
        "which has 10 connections to the database (CODER_PG_CONN_MAX_OPEN)",
    )
    longest_build: Annotated[Duration, between(timedelta(minutes=1), timedelta(hours=1))] = Field(
        default=timedelta(minutes=10),
        description="a provisioner that is taken away may finish a build of this length; none is taken away sooner "
        "after builds ended",
        examples=["10m"],
    )
    keda_namespace: Name = Field(default="keda", description="where KEDA's operator runs")
    coder_url: Url | None = Field(
        default=None,
        description="where the exporter reaches Coder; unset: the server's Service, from other regions its public host",
    )
    secret_name: Name = Field(
        default="exporter-coder", description="Secret in the exporter's namespace with its token for Coder"
    )
    secret_key: SecretKey = Field(default="token", description="key of that Secret")
