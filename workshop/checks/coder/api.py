"""Coder's API, as far as preflight reads it: coder/coder, coderd/apidoc/swagger.json (version: docs/preflight.md)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Final, Literal, TypeVar

from pydantic import AwareDatetime, BaseModel

from workshop.checks.service import Inconclusive, Service
from workshop.event.coder.templates import RichParameter

T = TypeVar("T")

_LIMIT: Final = "1000"
"""How many a list may have; the API answers 50 unless it is asked for more."""

ROLE: Final = "organization-template-admin"
"""May read templates, workspaces and provisioners of an organization; a site's template-admin may not read the last
(Coder 2.25.1 answers 404)."""


class BuildInfo(BaseModel):
    """What answers at a host: the server or a proxy, and its version."""

    version: str
    workspace_proxy: bool = False
    provisioner_api_version: str = ""


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
    api_version: str = ""
    status: Literal["idle", "busy", "offline"] | None = None
    tags: Mapping[str, str] = {}
    last_seen_at: datetime | None = None


class Job(BaseModel):
    """A build that waits."""

    id: str
    status: str
    created_at: AwareDatetime
    tags: Mapping[str, str] = {}


class Build(BaseModel):
    """A workspace's last build. deadline: when Coder stops it; the year 1 or None for never."""

    status: str
    deadline: AwareDatetime | None = None
    max_deadline: AwareDatetime | None = None


class Workspace(BaseModel):
    """A workspace. ttl_ms: how long it runs from its next start; 0 or None for ever. deleting_at: by its template."""

    id: str
    name: str
    owner_name: str
    ttl_ms: int | None = None
    deleting_at: AwareDatetime | None = None
    latest_build: Build
    is_prebuild: bool = False

    @property
    def holds_a_place(self) -> bool:
        """Whether it has a pod, or is about to have one."""
        return self.latest_build.status in ("pending", "starting", "running")


class Autostop(BaseModel):
    """On which days workspaces have to restart, in their users' quiet hours."""

    days_of_week: list[str] = []


class Template(BaseModel):
    """A template, as far as it stops workspaces by itself, and an event needs it. Times: milliseconds, 0 for never."""

    id: str
    name: str
    organization_name: str = ""
    deprecated: bool = False
    default_ttl_ms: int = 0
    time_til_dormant_ms: int = 0
    failure_ttl_ms: int = 0
    autostop_requirement: Autostop = Autostop()
    active_version_id: str = ""
    allow_user_cancel_workspace_jobs: bool = False


class _Variable(BaseModel):
    """A Terraform variable of a template's version; a sensitive one has no value here."""

    name: str
    value: str = ""


class _VersionJob(BaseModel):
    tags: Mapping[str, str] = {}
    file_id: str = ""


class _Version(BaseModel):
    job: _VersionJob


class _Proxies(BaseModel):
    regions: list[Proxy]


class _Workspaces(BaseModel):
    workspaces: list[Workspace]
    count: int


def build_info(coder: Service) -> BuildInfo:
    """Of whoever answers at this URL. Raises Inconclusive, as all of these do."""
    return coder.get("api/v2/buildinfo", BuildInfo)


def proxies(coder: Service) -> list[Proxy]:
    """Those that are registered, the server among them."""
    return _some(coder.get("api/v2/workspaceproxies", _Proxies).regions, "proxy, not even the server itself")


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
    """An organization's provisioners that are not offline. Raises Inconclusive where it has none at all."""
    found = _of_organization(coder, organization, "provisionerdaemons", list[Daemon], {"limit": _LIMIT})
    return [one for one in _some(found, f"provisioner of {organization}") if one.status != "offline"]


def pending_jobs(coder: Service, organization: str) -> list[Job]:
    """An organization's builds that wait for a provisioner."""
    query = {"status": "pending", "limit": _LIMIT}
    return _of_organization(coder, organization, "provisionerjobs", list[Job], query)


def templates(coder: Service) -> list[Template]:
    """Every template that workspaces can be made of."""
    found = _some(coder.get("api/v2/templates", list[Template]), "template")
    return [one for one in found if not one.deprecated]


def template_of(coder: Service, organization: str, name: str) -> Template | None:
    """An organization's template by name, a deprecated one too; None where it has others, but none of this name.

    Raises Inconclusive where this token sees no template of the organization.
    """
    response = coder.send("GET", f"api/v2/organizations/{organization_id(coder, organization)}/templates/{name}")
    if response.status_code != HTTPStatus.NOT_FOUND:
        return coder.read(coder.succeeded(response), Template)
    _some([one for one in templates(coder) if one.organization_name == organization], f"template of {organization}")
    return None


def version_parameters(coder: Service, version: str) -> list[RichParameter]:
    """What a template's version asks of whoever makes a workspace."""
    return coder.get(f"api/v2/templateversions/{version}/rich-parameters", list[RichParameter])


def version_tags(coder: Service, version: str) -> Mapping[str, str]:
    """Tags that a provisioner must have to build a template's version; a template may add others for each workspace."""
    return coder.get(f"api/v2/templateversions/{version}", _Version).job.tags


def version_variables(coder: Service, version: str) -> Mapping[str, str]:
    """Values of the variables of a template's version."""
    found = coder.get(f"api/v2/templateversions/{version}/variables", list[_Variable])
    return {one.name: one.value for one in found if one.value}


def version_archive(coder: Service, version: str) -> bytes:
    """The tar archive with the Terraform of a template's version, which whoever may change the template may read."""
    file = coder.get(f"api/v2/templateversions/{version}", _Version).job.file_id
    response = coder.send("GET", f"api/v2/files/{file}")
    if response.status_code == HTTPStatus.NOT_FOUND:
        raise Inconclusive("Coder does not let this token read the Terraform of templates (404)", _give())
    return coder.succeeded(response).content


def workspaces(coder: Service, organizations: list[str]) -> list[Workspace]:
    """Every workspace. Raises Inconclusive where the token may not read those of each of these organizations."""
    for organization in organizations:
        of = {"resource_type": "workspace", "organization_id": organization_id(coder, organization)}
        asked = {"checks": {"read": {"object": of, "action": "read"}}}
        if not coder.post("api/v2/authcheck", asked, dict[str, bool]).get("read"):
            raise Inconclusive(f"this token may not read all workspaces of {organization}", _give(organization))
    answer = coder.get("api/v2/workspaces", _Workspaces)
    if len(answer.workspaces) < answer.count:
        raise Inconclusive(
            f"Coder listed {len(answer.workspaces)} of {answer.count} workspaces", "check that Coder's version is known"
        )
    return answer.workspaces


def _of_organization(coder: Service, organization: str, what: str, form: type[T], query: Mapping[str, str]) -> T:
    """A list that Coder answers 404 to whoever may not read it."""
    path = f"api/v2/organizations/{organization_id(coder, organization)}/{what}"
    response = coder.send("GET", path, query=query)
    if response.status_code == HTTPStatus.NOT_FOUND:
        raise Inconclusive(f"Coder does not let this token read {what} of {organization} (404)", _give(organization))
    return coder.read(coder.succeeded(response), form)


def _some(found: list[T], what: str) -> list[T]:
    """What was found. Raises Inconclusive for nothing: Coder leaves out what a token may not read."""
    if not found:
        raise Inconclusive(f"Coder lists no {what}: there is none, or this token may not read it", _give())
    return found


def _give(organization: str = "") -> str:
    where = f"organization {organization}" if organization else "each organization"
    return f"give the token's user the role {ROLE} in {where}"
