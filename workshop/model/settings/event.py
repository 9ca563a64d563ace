"""The people's part of a workshop: seats, how long they last, and what they may cost. No person is named here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, model_validator

from workshop.model.settings.door import Door
from workshop.model.settings.errors import WrongValue, raise_wrong
from workshop.model.settings.mailing import Mailing, TimeZone
from workshop.model.settings.section import Section
from workshop.model.settings.types import Count, Duration, Fqdn, Name, SecretKey, Text, Url, between

Usd = Annotated[int, Field(ge=0, le=1_000_000)]

LONGEST_NAME: Final = 32
"""Of an event: a bucket's name has 63 characters at most, and 31 are ours and the account's."""


def _short(name: str) -> str:
    """A name that fits into the bucket's."""
    if len(name) > LONGEST_NAME:
        raise ValueError(f"must have {LONGEST_NAME} characters at most: the bucket of saved work is named for it")
    return name


def _of_organization(template: str) -> str:
    """An organization's template, by names as Coder has them."""
    if not re.fullmatch(r"[a-zA-Z0-9-]+/[a-zA-Z0-9-]+", template):
        raise ValueError("must be an organization of Coder's and a template of it, such as coder/docker")
    return template


def _github_name(name: str) -> str:
    """An organization of GitHub's, by its name there."""
    if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9-]{0,37}[A-Za-z0-9])?", name):
        raise ValueError("must be the name of an organization on GitHub, such as coder-contrib")
    return name


def _soonest_last(warnings: tuple[timedelta, ...]) -> tuple[timedelta, ...]:
    """Each warning comes nearer to the end than the one before it."""
    if list(warnings) != sorted(set(warnings), reverse=True):
        raise ValueError("must be times before the end, the longest first, each once, such as 30m and 5m")
    return warnings


def inside_home(path: str) -> str:
    """A path in the home folder, as find may be given it. Raises ValueError for any other."""
    if path.startswith(("/", "-")) or ".." in path.split("/"):
        raise ValueError(
            "must be a path in the home folder, such as project: neither / nor - at its beginning, nor .. in it"
        )
    return path


class Saving(Section):
    """Participants' work: what is copied out of a seat, and how long it is kept."""

    retention_days: Annotated[int, Field(ge=1, le=365)] = Field(
        default=30, description="days after the event for which saved work is kept"
    )
    cap_mib: Annotated[int, Field(ge=1, le=100_000)] = Field(
        default=512, description="MiB of one seat's work at most; more is refused, and reported"
    )
    container: Name = Field(default="dev", description="container of a seat's pod in which the work is")
    paths: Annotated[tuple[Annotated[Text, AfterValidator(inside_home)], ...], Field(min_length=1)] = Field(
        default=(".",), description="what is saved, from the home folder on; . is all of it"
    )
    excludes: tuple[Text, ...] = Field(
        default=(), description="names left out, such as *.iso, beside caches and what holds credentials"
    )


class Keeper(Section):
    """The program in the control plane's cluster that keeps time and money, and the Secrets beside it that it reads."""

    coder_url: Url | None = Field(
        default=None, description="Coder, as the keeper reaches it; unset: its Service in the control plane's cluster"
    )
    coder_secret_name: Name = Field(default="keeper-coder", description="Secret that holds the keeper's Coder token")
    coder_secret_key: SecretKey = Field(default="token", description="key of that Secret")
    database_secret_name: Name = Field(default="keeper-database", description="Secret that holds the database's URL")
    database_secret_key: SecretKey = Field(default="url", description="key of that Secret")
    litellm_secret_name: Name = Field(
        default="keeper-litellm", description="Secret that holds LiteLLM's master key, read with ai_parameter only"
    )
    litellm_secret_key: SecretKey = Field(default="master", description="key of that Secret")
    mail_secret_name: Name = Field(
        default="keeper-mail", description="Secret that holds the password of mail.user, read with it only"
    )
    mail_secret_key: SecretKey = Field(default="password", description="key of that Secret")


class Event(Section):
    """One workshop with people in it. Its times are offsets of `window.start`, and move with the window.

    Limits are ours: a longer event is taken for a typo.
    """

    name: Annotated[Name, AfterValidator(_short)] = Field(
        description="the event's name; a new event has a new one", examples=["october"]
    )
    title: Text | None = Field(
        default=None,
        description="what people know the event as; unset: its name",
        examples=["Agents"],
    )
    template: Annotated[Text, AfterValidator(_of_organization)] = Field(
        description="Coder template of a seat: organization/template", examples=["coder/docker"]
    )
    parameters: Mapping[Text, Text] = Field(
        default={}, description="the template's parameters in every seat: name -> value"
    )
    region_parameter: Text | None = Field(
        default=None, description="parameter of the template that takes a seat's region; unset: it has none"
    )
    ai_parameter: Text | None = Field(
        default=None,
        description="parameter of the template that takes a seat's own key of LiteLLM, with its share of ai_usd",
    )
    homes: Literal["node", "volume"] = Field(
        default="node", description="where the template keeps homes: on the node's own disk, or each on a volume"
    )
    login: Literal["github", "oidc", "password"] = Field(
        default="github",
        description="how people log in to Coder whose accounts the event makes; with password they set it by mail",
    )
    github_organization: Annotated[Text, AfterValidator(_github_name)] | None = Field(
        default=None,
        description="the organization on GitHub whose members Coder lets in; unset: it is not looked at",
        examples=["coder-contrib"],
    )
    internal_domains: tuple[Fqdn, ...] = Field(
        default=(), description="domains of mail addresses of people who are counted as internal"
    )
    time_zone: TimeZone | None = Field(
        default=None,
        description="where the event is, for mails and calendars; unset: the offset of window.start",
        examples=["Europe/London"],
    )
    join_host: Fqdn | None = Field(
        default=None,
        description="host of the page to which invitations lead; unset: there is none",
        examples=["join.example.com"],
    )
    mail: Mailing | None = Field(default=None, description="mail to people; unset: none is sent")
    seats: Count | None = Field(default=None, description="seats for people; unset: users less the reserve")
    reserve: Annotated[int, Field(ge=0, le=1000)] = Field(default=0, description="room for late seats")
    provisioning: Annotated[Duration, between(timedelta(0), timedelta(hours=12))] = Field(
        default=timedelta(hours=1), description="how long before the start seats are started", examples=["1h"]
    )
    latest_end: Annotated[Duration, between(timedelta(minutes=15), timedelta(days=7))] = Field(
        description="how long after the start the last seat ends, extensions included", examples=["6h"]
    )
    warnings: Annotated[
        tuple[Annotated[Duration, between(timedelta(minutes=1), timedelta(hours=12)), Field(examples=["30m"])], ...],
        AfterValidator(_soonest_last),
    ] = Field(
        default=(timedelta(minutes=30), timedelta(minutes=5)), description="how long before a seat's end it is warned"
    )
    early_access: Annotated[Duration, between(timedelta(0), timedelta(days=14))] = Field(
        default=timedelta(0),
        description="how long before the start seats may be tried; 0m: not at all",
        examples=["24h"],
    )
    early_hours: Annotated[Duration, between(timedelta(minutes=15), timedelta(hours=12))] = Field(
        default=timedelta(hours=1), description="how long a seat runs that is started in early access", examples=["1h"]
    )
    budget_usd: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        description="USD that the event may cost", examples=[200]
    )
    ai_usd: Usd = Field(default=0, description="of the budget, set aside for models")
    cap: Literal["hard", "soft"] = Field(
        default="hard", description="hard: at the budget seats are saved and stopped; soft: it only warns"
    )
    saving: Saving = Field(default=Saving(), description="participants' work: what is saved and how long it is kept")
    keeper: Keeper = Field(default=Keeper(), description="the program that keeps time and money while the event runs")
    door: Door = Field(default=Door(), description="the web page for people")

    @property
    def shown_title(self) -> str:
        """What people know the event as."""
        return self.title or self.name

    @model_validator(mode="after")
    def _mail_leads_somewhere(self) -> Event:
        if self.mail is not None and self.join_host is None:
            needed = "must be set with event.mail: every mail has a link to it"
            raise_wrong([WrongValue(path=("join_host",), found="nothing", needed=needed, fix="join.example.com")])
        return self
