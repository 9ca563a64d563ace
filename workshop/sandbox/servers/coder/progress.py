"""What time does to builds and workspaces: queues, ends, reaping, autostop, agents.

Nothing runs in between: whoever asks moves everything to the present first, event by event.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from datetime import datetime, timedelta
from typing import Final, Protocol

from workshop.sandbox.manifests.merging import ClusterRefusal
from workshop.sandbox.servers.coder.state import Build, Contents, JobStatus, Transition, User, Workspace, new_id

PENDING_LIMIT: Final = timedelta(minutes=30)
"""A job that has waited for longer is given up (coder/coder, coderd/jobreaper/detector.go, PendingJobDuration)."""

AGENT_TIMEOUT: Final = timedelta(seconds=120)
"""An agent that has not connected by then is taken for lost (connection_timeout_seconds of the provider)."""

_TICK: Final = timedelta(minutes=1)
"""How often Coder looks which workspaces are to be stopped (CODER_AUTOBUILD_POLL_INTERVAL)."""

_REAPED: Final = "Build has been detected as pending for 30 minutes and has been terminated by the reaper."
_APPLY_FAILED: Final = "terraform apply: exit status 1"


class Clusters(Protocol):
    """As far as builds need them."""

    def provisioners(self, organization: str, region: str) -> int:
        """How many run there."""
        ...

    def start(self, workspace: Workspace, contents: Contents) -> None:
        """Makes its Deployment. Raises ClusterRefusal."""
        ...

    def stop(self, workspace: Workspace, contents: Contents) -> None:
        """Deletes it; one that is gone is no error. Raises ClusterRefusal."""
        ...

    def running(self, region: str) -> Set[str] | None:
        """Ids of the workspaces whose pods run there; None where that can't be told."""
        ...


def new_build(
    workspace: Workspace,
    transition: Transition,
    initiator: User,
    parameters: dict[str, str],
    version: str,
    at: datetime,
) -> Build:
    """A build that waits for a provisioner; it is the workspace's last from now on."""
    build = Build(
        id=new_id(),
        number=len(workspace.builds) + 1,
        transition=transition,
        initiator_id=initiator.id,
        version=version,
        parameters=parameters,
        created_at=at,
        updated_at=at,
    )
    workspace.builds.append(build)
    return build


def queue(contents: Contents, organization: str, region: str) -> list[tuple[Workspace, Build]]:
    """Builds that wait for a provisioner there, the first in line first."""
    waiting = [
        (workspace, build) for workspace, build in _active(contents, organization, region) if build.status == "pending"
    ]
    return sorted(waiting, key=lambda each: each[1].created_at)


def workers(contents: Contents, organization: str, region: str) -> dict[int, tuple[Workspace, Build]]:
    """What provisioners there are at work on, by their number."""
    return {
        build.worker: (workspace, build)
        for workspace, build in _active(contents, organization, region)
        if build.worker is not None and build.status != "pending"
    }


def advance(contents: Contents, now: datetime, clusters: Clusters) -> bool:
    """Moves everything to now; whether anything changed."""
    at, has_changed = min(contents.advanced_at or now, now), False
    while True:
        has_changed |= _begin(contents, at, clusters)
        following = min((one for one in _events(contents) if one <= now), default=None)
        if following is None:
            break
        at = max(at, following)
        _happen(contents, at, clusters)
        has_changed = True
    contents.advanced_at = now
    return has_changed


def connect_agents(contents: Contents, now: datetime, clusters: Clusters, *, is_thorough: bool) -> bool:
    """Agents connect once their pod runs, and are lost with it; whether any did.

    is_thorough: looks after those that are connected, too, for which every pod is looked at.
    """
    has_changed = False
    running: dict[str, Set[str] | None] = {}
    for workspace in contents.workspaces.values():
        build = workspace.latest
        if (build.transition, build.status) != ("start", "succeeded") or build.completed_at is None or build.is_silent:
            continue
        is_connected = build.agent_connected_at is not None and build.agent_lost_at is None
        if is_connected and not is_thorough:
            continue
        if not is_connected and now < build.completed_at + timedelta(seconds=contents.agent_seconds):
            continue
        if workspace.region not in running:
            running[workspace.region] = clusters.running(workspace.region)
        found = running[workspace.region]
        if found is None:  # an agent doesn't ask its cluster whether it may go on
            continue
        is_running = workspace.id in found
        if is_running and not is_connected:
            build.agent_connected_at, build.agent_lost_at, has_changed = now, None, True
        elif is_connected and not is_running:
            build.agent_lost_at, has_changed = now, True
    return has_changed


def _active(contents: Contents, organization: str, region: str) -> Iterator[tuple[Workspace, Build]]:
    for workspace in contents.workspaces.values():
        place = contents.templates[workspace.template].organization, workspace.region
        if workspace.latest.is_active and place == (organization, region):
            yield workspace, workspace.latest


def _begin(contents: Contents, at: datetime, clusters: Clusters) -> bool:
    """Gives what waits to whoever is free."""
    places = {
        (contents.templates[workspace.template].organization, workspace.region)
        for workspace in contents.workspaces.values()
        if workspace.latest.status == "pending"
    }
    has_begun = False
    for organization, region in places:
        waiting = [each for each in queue(contents, organization, region) if each[1].created_at <= at]
        taken = workers(contents, organization, region)
        elsewhere = contents.busy.get(f"{organization}/{region}", 0)
        count = clusters.provisioners(organization, region) if waiting else 0
        free = [number for number in range(elsewhere, count) if number not in taken]
        for (workspace, build), number in zip(waiting, free, strict=False):
            build.status, build.worker, build.started_at, build.updated_at = "running", number, at, at
            build.ends_at = at + timedelta(seconds=contents.build_seconds)
            if build.transition == "start":
                _plant_fault(contents, workspace, build)
            has_begun = True
    return has_begun


def _plant_fault(contents: Contents, workspace: Workspace, build: Build) -> None:
    for fault in contents.faults:
        if fault.times > 0 and fault.template == workspace.template and fault.workspace in ("", workspace.name):
            fault.times -= 1
            build.planned_error, build.is_silent = fault.error, not fault.error
            return


def _events(contents: Contents) -> Iterator[datetime]:
    for workspace in contents.workspaces.values():
        build = workspace.latest
        if build.status == "pending":
            yield build.created_at + PENDING_LIMIT
        elif build.ends_at is not None and build.is_active:
            yield build.ends_at
        else:
            stops_at = _stops_at(contents, workspace)
            if stops_at is not None:
                yield stops_at


def _happen(contents: Contents, at: datetime, clusters: Clusters) -> None:
    for workspace in list(contents.workspaces.values()):
        build = workspace.latest
        if build.status == "pending" and build.created_at + PENDING_LIMIT <= at:
            _end(build, "failed", at, _REAPED)
        elif build.is_active and build.ends_at is not None and build.ends_at <= at:
            _complete(contents, workspace, build, build.ends_at, clusters)
        elif not build.is_active:
            stops_at = _stops_at(contents, workspace)
            if stops_at is not None and stops_at <= at:
                owner = contents.users[workspace.owner_id]
                stop = new_build(workspace, "stop", owner, build.parameters, build.version, stops_at)
                stop.reason = "autostop"


def _stops_at(contents: Contents, workspace: Workspace) -> datetime | None:
    """The tick at which Coder stops it by itself: after its deadline, or once its owner is suspended."""
    build = workspace.latest
    if build.transition != "start" or build.status not in ("succeeded", "canceled") or build.completed_at is None:
        return None
    owner = contents.users[workspace.owner_id]
    reasons = [build.deadline, owner.suspended_at if owner.status == "suspended" else None]
    due = min((one for one in reasons if one is not None), default=None)
    return None if due is None else _next_tick(max(due, build.completed_at))


def _next_tick(at: datetime) -> datetime:
    return at + (datetime.min.replace(tzinfo=at.tzinfo) - at) % _TICK


def _complete(contents: Contents, workspace: Workspace, build: Build, at: datetime, clusters: Clusters) -> None:
    if build.status == "canceling":
        _end(build, "canceled", at)
        return
    if build.planned_error:
        _end(build, "failed", at, build.planned_error)
        return
    try:
        if build.transition == "start":
            clusters.start(workspace, contents)
        else:
            clusters.stop(workspace, contents)
    except ClusterRefusal as refusal:
        _end(build, "failed", at, f"{_APPLY_FAILED}: {refusal}")
        return
    _end(build, "succeeded", at)
    build.deadline = at + timedelta(milliseconds=workspace.ttl_ms) if workspace.ttl_ms else None
    workspace.is_deleted = build.transition == "delete"


def _end(build: Build, status: JobStatus, at: datetime, error: str = "") -> None:
    build.status, build.error, build.completed_at, build.updated_at, build.ends_at = status, error, at, at, None
