"""smoke-workspace: in each region one workspace is made, found on our nodes, opened, and deleted again."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import ClassVar, Final

from pydantic import BaseModel

from workshop.checks.check import CheckOutcome, RegionCheck, failed, passed
from workshop.checks.clients import asked_of_cluster
from workshop.checks.coder.api import templates
from workshop.checks.service import Inconclusive
from workshop.checks.site import Site
from workshop.model.names import NODE_POOL
from workshop.model.preflight.record import Stage
from workshop.model.settings.commands import key_of, set_command
from workshop.model.settings.regions import Region

STEP_SECONDS: Final = 120.0
"""In which a workspace is to be there, and in which it is to be gone."""

_POLL_SECONDS: Final = 1.0


class _App(BaseModel):
    slug: str
    subdomain: bool = False
    subdomain_name: str = ""


class _Agent(BaseModel):
    status: str = ""
    apps: list[_App] = []


class _Resource(BaseModel):
    agents: list[_Agent] | None = None


class _Build(BaseModel):
    status: str
    resources: list[_Resource] = []


class _Workspace(BaseModel):
    id: str
    latest_build: _Build

    @property
    def agents(self) -> list[_Agent]:
        """Of all its resources."""
        return [agent for resource in self.latest_build.resources for agent in resource.agents or []]


class SmokeWorkspace(RegionCheck):
    """What a participant does in the first five minutes. It writes, and so runs only when it is asked for."""

    id = "smoke-workspace"
    stage = Stage.OPT_IN
    asks = "Coder"
    needed = f"made on {NODE_POOL}, opened and deleted, each within {STEP_SECONDS:.0f} s"
    limit_seconds: ClassVar[float] = 3 * STEP_SECONDS
    is_on_our_nodes: ClassVar[bool] = True
    """Whether it has to be: before the window the previous pool takes workspaces too."""

    def look(self, site: Site, region: Region) -> CheckOutcome:
        """Whatever is found, the workspace is deleted."""
        template = smoke_template(site, region)
        body = {"template_id": template, "name": f"preflight-{secrets.token_hex(3)}"}
        made = site.systems.coder.post("api/v2/users/me/workspaces", body, _Workspace)
        try:
            seen = self._use(site, region, made)
        finally:
            took = self._delete(site, made)
        if took is None:
            return failed(f"workspace {made.id} was not deleted in time", self.needed, f"coder delete {body['name']}")
        return seen

    def _use(self, site: Site, region: Region, made: _Workspace) -> CheckOutcome:
        logs = "coder show, and the build's log in the dashboard"
        started = time.monotonic()
        running = _wait(site, made.id, lambda one: one.latest_build.status in ("running", "failed", "canceled"))
        if running is None or running.latest_build.status != "running":
            return failed(
                f"workspace is {running.latest_build.status if running else 'not running in time'}", self.needed, logs
            )
        connected = _wait(site, made.id, lambda one: any(agent.status == "connected" for agent in one.agents))
        if connected is None:
            return failed("its agent did not connect", self.needed, logs)
        pool = asked_of_cluster(site, region, lambda cluster: cluster.pool_of_workspace(made.id))
        if self.is_on_our_nodes and pool != NODE_POOL:
            return failed(
                f"it runs on {pool or 'no node of a pool'}", self.needed, "cordon the nodes that previous-nodes names"
            )
        app = next(
            (app for agent in connected.agents for app in agent.apps if app.subdomain and app.subdomain_name), None
        )
        if app is None:
            raise Inconclusive("the template has no app on a subdomain", "give it one, or name another template")
        answer = site.knock(f"{app.subdomain_name}.{region.domain}", "", with_session=True)
        if not answer.is_success:
            return failed(f"app {app.slug} answers {answer.status_code}", self.needed, logs)
        return passed(f"on {pool} and opened after {time.monotonic() - started:.0f} s, deleted", self.needed)

    def _delete(self, site: Site, made: _Workspace) -> float | None:
        started = time.monotonic()
        site.systems.coder.post(f"api/v2/workspaces/{made.id}/builds", {"transition": "delete"}, _Build)
        gone = _wait(site, made.id, lambda one: one.latest_build.status == "deleted")
        return None if gone is None else time.monotonic() - started


def smoke_template(site: Site, region: Region) -> str:
    """The id of the template that is tried in a region. Raises Inconclusive."""
    name = site.settings.preflight.smoke_templates.get(region.name)
    if name is None:
        path = ("preflight", "smoke_templates", region.name)
        raise Inconclusive(f"{key_of(path)} is not set", set_command(path, "TEMPLATE"))
    default = next(one.name for one in site.settings.organizations if one.is_default)
    for one in templates(site.systems.coder):
        if (one.name, one.organization_name) == (name, default):
            return one.id
    raise Inconclusive(f"Coder has no template {name} in {default}", "coder templates list")


def _wait(site: Site, workspace: str, is_so: Callable[[_Workspace], bool]) -> _Workspace | None:
    """The workspace once it is so; None where that takes too long. One that is gone altogether is deleted."""
    deadline = time.monotonic() + STEP_SECONDS
    while time.monotonic() < deadline:
        found = site.systems.coder.get(f"api/v2/workspaces/{workspace}", _Workspace, {"include_deleted": "true"})
        if is_so(found):
            return found
        time.sleep(_POLL_SECONDS)
    return None
