"""Coder's API, as far as preflight reads it: coder/coder, coderd/apidoc/swagger.json (version: docs/preflight.md)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal

from pydantic import BaseModel

from workshop.checks.service import Inconclusive, Service

_LIMIT: Final = "1000"
"""How many a list may have; the API answers 50 unless it is asked for more."""


class BuildInfo(BaseModel):
    """What answers at a host: the server or a proxy, and its version."""

    version: str
    workspace_proxy: bool = False


class Organization(BaseModel):
    """An organization of Coder's."""

    id: str
    name: str


class ProxyStatus(BaseModel):
    """What the server last heard of a proxy."""

    status: Literal["ok", "unreachable", "unhealthy", "unregistered"]


class Proxy(BaseModel):
    """A workspace proxy, or the server itself, which is listed as one."""

    name: str
    healthy: bool = False
    path_app_url: str
    wildcard_hostname: str = ""
    version: str = ""
    status: ProxyStatus | None = None


class Daemon(BaseModel):
    """A provisioner."""

    name: str = ""
    version: str = ""
    status: Literal["idle", "busy", "offline"] | None = None
    tags: Mapping[str, str] = {}
    last_seen_at: datetime | None = None


class Job(BaseModel):
    """A build that waits or runs."""

    id: str
    status: str
    queue_size: int = 0
    tags: Mapping[str, str] = {}


class Autostop(BaseModel):
    """On which days workspaces have to restart, in their users' quiet hours."""

    days_of_week: list[str] = []


class Template(BaseModel):
    """A template, as far as it stops workspaces by itself. Times: milliseconds, 0 for never."""

    id: str
    name: str
    organization_name: str = ""
    deprecated: bool = False
    default_ttl_ms: int = 0
    time_til_dormant_ms: int = 0
    failure_ttl_ms: int = 0
    autostop_requirement: Autostop = Autostop()


class _Proxies(BaseModel):
    regions: list[Proxy]


def build_info(coder: Service) -> BuildInfo:
    """Of whoever answers at this URL. Raises Inconclusive, as all of these do."""
    return coder.get("api/v2/buildinfo", BuildInfo)


def proxies(coder: Service) -> list[Proxy]:
    """Those that are registered, the server among them."""
    return coder.get("api/v2/workspaceproxies", _Proxies).regions


def organization_id(coder: Service, name: str) -> str:
    """By which the API knows an organization; also raises Inconclusive where none has this name."""
    found = coder.get("api/v2/organizations", list[Organization])
    for organization in found:
        if organization.name == name:
            return organization.id
    known = ", ".join(sorted(one.name for one in found)) or "none"
    raise Inconclusive(
        f"Coder has no organization {name}; it has {known}",
        "correct workshop:organizations, or the token's rights",
    )


def daemons(coder: Service, organization: str) -> list[Daemon]:
    """An organization's provisioners that are not offline."""
    path = f"api/v2/organizations/{organization_id(coder, organization)}/provisionerdaemons"
    return [one for one in coder.get(path, list[Daemon], {"limit": _LIMIT}) if one.status != "offline"]


def pending_jobs(coder: Service, organization: str) -> list[Job]:
    """An organization's builds that wait for a provisioner."""
    path = f"api/v2/organizations/{organization_id(coder, organization)}/provisionerjobs"
    return coder.get(path, list[Job], {"status": "pending", "limit": _LIMIT})


def templates(coder: Service) -> list[Template]:
    """Every template that workspaces can be made of."""
    return [one for one in coder.get("api/v2/templates", list[Template]) if not one.deprecated]
