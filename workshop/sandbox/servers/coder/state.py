"""What the sandbox's Coder keeps in coder.json: a file to be read, and to be edited by whoever wants another state."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from workshop.model.settings.stack import Settings

VERSION: Final = "v2.25.1+3d7d3b9"
ENGINEER: Final = "sandbox"
"""Whose the data folder's token is: the platform engineer, a site owner."""

_DAY_MS: Final = 24 * 3600 * 1000

Transition = Literal["start", "stop", "delete"]
JobStatus = Literal["pending", "running", "succeeded", "canceling", "canceled", "failed"]


class _Setting(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Record(BaseModel):
    """What requests and time change."""

    model_config = ConfigDict(extra="forbid")


class Proxy(_Setting):
    """A region's door. status: what the server last heard of it."""

    status: Literal["ok", "unreachable", "unhealthy", "unregistered"] = "ok"
    version: str = VERSION
    serves_apps: bool = True


class Parameter(_Setting):
    """A rich parameter. default: None where a value is required. options: the values allowed, any where empty."""

    name: str
    type: Literal["string", "number", "bool"] = "string"
    default: str | None = None
    mutable: bool = False
    ephemeral: bool = False
    options: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None


class Template(_Setting):
    """A template. region: where its workspaces run, unless a parameter `region` says so.

    version: its active one's name. allow_user_cancel: whether others than site owners may cancel builds. vcpu,
    memory_gib, storage_gib: what a workspace's pod asks for. terraform: its main.tf. variables: their
    values in its version.
    """

    organization: str
    region: str
    default_ttl_ms: int = 7 * _DAY_MS
    activity_bump_ms: int = 3_600_000
    time_til_dormant_ms: int = 0
    autostop_days: tuple[str, ...] = ()
    allow_user_cancel: bool = True
    version: str = "v1"
    parameters: tuple[Parameter, ...] = ()
    terraform: str = ""
    variables: Mapping[str, str] = {}
    vcpu: int
    memory_gib: int
    storage_gib: int


class Licence(_Setting):
    """features: those that are entitled and enabled. warnings: in Coder's words."""

    features: tuple[str, ...] = ("external_provisioner_daemons", "multiple_organizations", "workspace_proxy")
    warnings: tuple[str, ...] = ()


class Fault(_Record):
    """Planted: what goes wrong with starts of a template. times: how many are left.

    workspace: of this name only; "" for any. error: the build fails with it; "": the agent never connects instead.
    """

    template: str
    workspace: str = ""
    times: int = 1
    error: str = ""


class User(_Record):
    """An account. password: hashed. roles: of the site; members: by organization's name, the roles there."""

    id: str
    username: str
    name: str = ""
    email: str
    status: Literal["active", "dormant", "suspended"] = "dormant"
    login_type: Literal["password", "github", "oidc", "none"] = "password"
    password: str = ""
    roles: list[str] = []
    members: dict[str, list[str]] = {}
    created_at: datetime
    updated_at: datetime
    last_seen_at: datetime | None = None
    suspended_at: datetime | None = None
    is_deleted: bool = False


class Key(_Record):
    """An API key or a session. secret: hashed."""

    id: str
    user_id: str
    secret: str
    name: str = ""
    scope: Literal["all", "application_connect"] = "all"
    is_token: bool = True
    lifetime_seconds: int
    created_at: datetime
    expires_at: datetime
    last_used: datetime | None = None


class Build(_Record):
    """A workspace's build and its job. worker: the provisioner's number. deadline: when Coder stops the workspace.

    ends_at: when a running one will be over. agent_*: what the server heard of the workspace's agent.
    is_silent: planted, its agent never connects.
    """

    id: str
    number: int
    transition: Transition
    reason: Literal["initiator", "autostop"] = "initiator"
    initiator_id: str
    version: str
    parameters: dict[str, str]
    status: JobStatus = "pending"
    error: str = ""
    worker: int | None = None
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None = None
    ends_at: datetime | None = None
    completed_at: datetime | None = None
    canceled_at: datetime | None = None
    deadline: datetime | None = None
    agent_connected_at: datetime | None = None
    agent_lost_at: datetime | None = None
    is_silent: bool = False
    planned_error: str = ""

    @property
    def is_active(self) -> bool:
        """Whether its job is not over yet."""
        return self.status in ("pending", "running", "canceling")


class Workspace(_Record):
    """A workspace. template: by name. region: where it runs. ttl_ms: from its next build's end on; None: for ever."""

    id: str
    name: str
    owner_id: str
    template: str
    region: str
    ttl_ms: int | None = None
    created_at: datetime
    last_used_at: datetime
    is_deleted: bool = False
    builds: list[Build]

    @property
    def latest(self) -> Build:
        """Its last build; there is always one."""
        return self.builds[-1]


class Contents(_Record):
    """coder.json. templates: by name; proxies: by region's name; workspaces, users and keys: by id.

    busy: provisioners at work for nobody here, by "organization/region"; pending: builds that wait for nothing here, by
    organization. licence: None in an open source build. rate_limit, login_limit: requests a minute to one path from one
    address. reads_provisioners: whether the engineer's account has the role for it. advanced_at: until when everything
    has happened. build_seconds, agent_seconds: how long a build takes, and then its agent.
    """

    version: str = VERSION
    licence: Licence | None = Licence()
    rate_limit: int = 512
    login_limit: int = 60
    reads_provisioners: bool = True
    advanced_at: datetime | None = None
    build_seconds: float = 1
    agent_seconds: float = 1
    proxies: Mapping[str, Proxy]
    busy: Mapping[str, int] = {}
    pending: Mapping[str, int] = {}
    templates: Mapping[str, Template]
    faults: list[Fault] = []
    users: dict[str, User]
    keys: dict[str, Key] = {}
    workspaces: dict[str, Workspace] = {}


def first_contents(settings: Settings, now: datetime) -> Contents:
    """All is well: every proxy healthy, nobody at work, and templates that last a week.

    One for each region, and one for events, `docker`, whose parameter `region` says where a workspace runs.
    """
    default = next(organization.name for organization in settings.organizations if organization.is_default)
    shape = max(settings.workspaces.shapes, key=lambda one: (one.vcpu, one.memory_gib))
    regions = tuple(region.name for region in settings.regions)

    def template(region: str, *parameters: Parameter) -> Template:
        return Template(
            organization=default,
            region=region,
            parameters=parameters,
            vcpu=shape.vcpu,
            memory_gib=shape.memory_gib,
            storage_gib=settings.workspaces.storage_gib,
        )

    event = template(regions[0], Parameter(name="region", default=regions[0], options=regions))
    smoke = {f"smoke-{region}": template(region) for region in regions}
    engineer = User(
        id=id_of("user", ENGINEER),
        username=ENGINEER,
        name="Platform Engineer",
        email=f"{ENGINEER}@example.com",
        status="active",
        login_type="none",
        roles=["owner"],
        members={organization.name: [] for organization in settings.organizations},
        created_at=now,
        updated_at=now,
    )
    return Contents(
        proxies={region: Proxy() for region in regions},
        templates={"docker": event, **smoke},
        users={engineer.id: engineer},
    )


def id_of(*names: str) -> str:
    """The same id for the same thing, whenever it is asked for."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join(("workshop-sandbox", *names))))


def new_id() -> str:
    """An id of something new."""
    return str(uuid.UUID(bytes=secrets.token_bytes(16), version=4))
