"""Workspaces: found, created, built, and how long they run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Final

from pydantic import AwareDatetime

from workshop.event.coder.answers import Listed, Page, Time
from workshop.event.coder.builds import AgentLogLine, Build, Health, LogLine, Transition
from workshop.event.coder.connection import Connection
from workshop.event.coder.errors import CoderIgnored, CoderRefused, CoderUnreachable

_MINUTE: Final = timedelta(minutes=1)


class Workspace(Listed):
    """A workspace. ttl_ms: how long it runs from its next start, in milliseconds; None for ever.

    health: also true of one whose build failed: see `failure`.
    """

    name: str
    owner_id: str
    owner_name: str
    organization_id: str
    template_id: str
    template_name: str
    created_at: AwareDatetime
    ttl_ms: int | None = None
    dormant_at: Time = None
    last_used_at: Time = None
    latest_build: Build
    health: Health = Health()

    @property
    def is_ready(self) -> bool:
        """Whether a person can work in it."""
        return self.latest_build.is_ready

    @property
    def failure(self) -> str:
        """Why its last build did not work and, left alone, will not; "" while it may yet."""
        return self.latest_build.failure


class Workspaces(Connection):
    """Coder's workspaces. Coder lists only what the token may read: see `missing_rights`."""

    def workspaces(self, query: str = "") -> list[Workspace]:
        """Those that a search finds, deleted ones left out: for example organization:coder template:lab."""
        return self._pages(Page[Workspace], "/workspaces", query)

    def workspace(self, workspace_id: str) -> Workspace | None:
        """None if it was deleted; one that may not be seen is refused."""
        return self._find(Workspace, "/workspaces/{workspace}", workspace_id, absent=HTTPStatus.GONE)

    def workspace_of(self, owner: str, name: str) -> Workspace | None:
        """By its owner's username and its name; None if there is none."""
        return self._find(Workspace, "/users/{user}/workspace/{name}", owner, name)

    def create_workspace(
        self,
        owner: str,
        name: str,
        *,
        template_id: str,
        template_version_id: str = "",
        parameters: Mapping[str, str] | None = None,
        ttl: timedelta | None = None,
    ) -> Workspace:
        """The owner's workspace of this name and template, created and started if there is none.

        template_version_id: "" for the active one; ttl: a minute to 30 days, cut to minutes, None for the template's.
        Raises CoderRefused with status 409 if a workspace of another template has the name.
        """
        body: dict[str, object] = {
            "name": name,
            **({"template_version_id": template_version_id} if template_version_id else {"template_id": template_id}),
            "rich_parameter_values": _values(parameters),
        }
        if ttl is not None:
            body["ttl_ms"] = _milliseconds(ttl)
        route = "/users/{user}/workspaces"
        try:
            return self._read(Workspace, self._send("POST", route, owner, body=body))
        except (CoderRefused, CoderUnreachable) as error:
            if isinstance(error, CoderRefused) and error.status != HTTPStatus.CONFLICT:
                raise
            found = self.workspace_of(owner, name)
            if found is None:
                raise
        if found.template_id != template_id:
            raise CoderRefused(
                f"POST {route}", HTTPStatus.CONFLICT, f"the owner has a workspace of this name of {found.template_name}"
            )
        return found

    def build(
        self, workspace_id: str, transition: Transition, *, parameters: Mapping[str, str] | None = None
    ) -> Build | None:
        """See to it that a workspace's last build is this one; None while another is under way: ask again later.

        Coder builds again what is already so, and a deleted workspace too; here the last build is returned then, unless
        it failed or was canceled.
        """
        last = self._last_build(workspace_id)
        if _is_so(last, transition):
            return last
        body = {"transition": transition} | ({"rich_parameter_values": _values(parameters)} if parameters else {})
        try:
            return self._read(Build, self._send("POST", "/workspaces/{workspace}/builds", workspace_id, body=body))
        except CoderRefused as refused:
            if refused.status == HTTPStatus.CONFLICT:
                return None
            raise
        except CoderUnreachable:
            now = self._last_build(workspace_id)
            if now.build_number > last.build_number and _is_so(now, transition):
                return now
            raise

    def cancel_build(self, build_id: str) -> None:
        """Have a build given up, if it is still under way.

        Raises CoderRefused with status 403, even for one that waits, where the template does not let users cancel and
        the token is no owner's.
        """
        try:
            self._send("PATCH", "/workspacebuilds/{build}/cancel", build_id)
        except CoderRefused as refused:
            if "already" not in refused.message:
                raise

    def build_log(self, build_id: str, after: int = 0) -> list[LogLine]:
        """What provisioners wrote, after the line with this id."""
        query = {"after": str(after)} if after else None
        return self._list(LogLine, "/workspacebuilds/{build}/logs", build_id, query=query)

    def agent_log(self, agent_id: str) -> list[AgentLogLine]:
        """What an agent's scripts wrote, 1 MiB at most."""
        return self._list(AgentLogLine, "/workspaceagents/{agent}/logs", agent_id)

    def extend(self, workspace_id: str, deadline: datetime) -> None:
        """Let a running workspace run until then, at least 30 minutes from now; Coder has no upper bound.

        Raises CoderRefused: with status 409 if it does not run, is being built or has no deadline; CoderIgnored.
        """
        body = {"deadline": deadline.astimezone(UTC).isoformat().replace("+00:00", "Z")}
        self._send("PUT", "/workspaces/{workspace}/extend", workspace_id, body=body)
        reached = self._last_build(workspace_id).deadline
        if reached is not None and reached < deadline:
            raise CoderIgnored(f"Coder was asked for the deadline {deadline:%F %R %Z}; it is {reached:%F %R %Z}")

    def _last_build(self, workspace_id: str) -> Build:
        """Of a deleted workspace too."""
        query = {"include_deleted": "true"}
        return self._get(Workspace, "/workspaces/{workspace}", workspace_id, query=query).latest_build


def _is_so(build: Build, transition: Transition) -> bool:
    return build.transition == transition and build.job.status in ("pending", "running", "succeeded")


def _values(parameters: Mapping[str, str] | None) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in (parameters or {}).items()]


def _milliseconds(ttl: timedelta) -> int:
    """Raises ValueError for less than a minute: Coder takes 0 for never."""
    if ttl < _MINUTE:
        raise ValueError(f"a TTL of {ttl} is less than a minute")
    return ttl // timedelta(milliseconds=1)
