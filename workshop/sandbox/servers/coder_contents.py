"""What the sandbox's Coder keeps in coder.json: a file to be read, and to be edited by whoever wants another state."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from workshop.model.settings.stack import Settings

VERSION: Final = "v2.25.1+3d7d3b9"
_DAY_MS: Final = 24 * 3600 * 1000


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Proxy(_Part):
    """A region's door. status: what the server last heard of it."""

    status: Literal["ok", "unreachable", "unhealthy", "unregistered"] = "ok"
    version: str = VERSION
    serves_apps: bool = True


class Template(_Part):
    """A template. region: where its workspaces run."""

    organization: str
    region: str
    default_ttl_ms: int = 7 * _DAY_MS
    time_til_dormant_ms: int = 0
    autostop_days: tuple[str, ...] = ()


class Licence(_Part):
    """features: those that are entitled and enabled. warnings: in Coder's words."""

    features: tuple[str, ...] = ("external_provisioner_daemons", "multiple_organizations", "workspace_proxy")
    warnings: tuple[str, ...] = ()


class Workspace(_Part):
    """A workspace. region: where it runs. deadline: when Coder stops it."""

    owner: str = "sandbox"
    name: str
    deadline: datetime | None = None
    template: str
    region: str
    status: Literal["pending", "running", "deleted"]


class Contents(_Part):
    """coder.json. proxies: by region's name. busy: provisioners at work, by "organization/region"; pending: builds that
    wait, by organization. templates: by name; workspaces: by id. licence: None in an open source build. rate_limit:
    requests a minute. reads_provisioners: whether the token's user has the role for it.
    """

    version: str = VERSION
    licence: Licence | None = Licence()
    rate_limit: int = 512
    reads_provisioners: bool = True
    proxies: Mapping[str, Proxy]
    busy: Mapping[str, int] = {}
    pending: Mapping[str, int] = {}
    templates: Mapping[str, Template]
    workspaces: Mapping[str, Workspace] = {}


def first_contents(settings: Settings) -> Contents:
    """All is well: every proxy healthy, nobody at work, a template in each region that lasts a week."""
    default = next(organization.name for organization in settings.organizations if organization.is_default)
    return Contents(
        proxies={region.name: Proxy() for region in settings.regions},
        templates={
            f"smoke-{region.name}": Template(organization=default, region=region.name) for region in settings.regions
        },
    )


def id_of(*names: str) -> str:
    """The same id for the same thing, whenever it is asked for."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join(("workshop-sandbox", *names))))
