"""The web page for people: how it is reached, and what participants may do there by themselves."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from workshop.model.settings.section import Section
from workshop.model.settings.types import Duration, Name, SecretKey, Text, between


class Door(Section):
    """The web page for people, and the Secret beside it that it reads."""

    extension: Annotated[Duration, between(timedelta(0), timedelta(hours=12))] = Field(
        default=timedelta(minutes=30),
        description="by how much a participant may extend their own seat at a time, up to latest_end; 0m: not at all",
        examples=["30m"],
    )
    coder_logins_per_minute: Annotated[int, Field(ge=1, le=10_000)] = Field(
        default=50, description="people let through to Coder in a minute; Coder takes 60 from one address"
    )
    ingress_class: Name = Field(default="alb", description="class of the door's Ingress, which ends its TLS")
    certificate_arn: Text | None = Field(
        default=None, description="certificate in ACM of an alb; unset: the controller finds one for join_host"
    )
    certificate_secret_name: Name | None = Field(
        default=None, description="Secret with the certificate, for classes that take one"
    )
    database_secret_name: Name = Field(
        default="door-database", description="Secret that holds the database's URL, as the door's own role"
    )
    database_secret_key: SecretKey = Field(default="url", description="key of that Secret")
