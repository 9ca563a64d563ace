"""Builds: what Coder does to start, stop or delete a workspace."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime

from workshop.event.coder.answers import Answer, Time

Transition = Literal["delete", "start", "stop"]


class Health(Answer):
    """Whether something works. reason: why it does not."""

    healthy: bool = True
    reason: str = ""


class App(Answer):
    """Something that a workspace serves. health: disabled where nothing checks it, initializing, healthy, unhealthy."""

    slug: str
    health: str = "disabled"


class LogSource(Answer):
    """One of an agent's scripts, whose output it sends. display_name: the template's; the agent's own is Startup
    Script."""

    id: str
    display_name: str = ""


class Agent(Answer):
    """What runs in a workspace on Coder's behalf.

    status: connecting, connected, disconnected, or timeout if it never connected; lifecycle_state: of its startup
    script. parent_id: of the agent that runs it, if it is one of a container in the workspace.
    """

    id: str
    name: str
    status: str
    lifecycle_state: str
    parent_id: str | None = None
    health: Health = Health()
    last_connected_at: Time = None
    apps: tuple[App, ...] = ()
    log_sources: tuple[LogSource, ...] = ()


class Resource(Answer):
    """Something that a build made."""

    agents: tuple[Agent, ...] = ()


class Job(Answer):
    """A provisioner's work. queue_position: 0 once it has begun; error: why it failed."""

    id: str
    created_at: AwareDatetime
    status: str
    error: str = ""
    queue_position: int = 0
    queue_size: int = 0
    tags: Mapping[str, str] = {}

    @property
    def is_active(self) -> bool:
        """Whether it waits or works."""
        return self.status in ("canceling", "pending", "running")

    @property
    def is_lost(self) -> bool:
        """Whether it ended without having done what it was for."""
        return self.status in ("canceled", "failed")


class Build(Answer):
    """What was done to a workspace last. deadline: when Coder stops it, None for never.

    status: of the workspace by this build: pending, starting, running, stopping, stopped, failed, canceling, canceled,
    deleting or deleted. It is running before an agent is there.
    """

    id: str
    build_number: int
    transition: Transition
    status: str
    created_at: AwareDatetime
    deadline: Time = None
    job: Job
    resources: tuple[Resource, ...] = ()

    @property
    def agents(self) -> tuple[Agent, ...]:
        """Of the workspace itself, not of containers in it."""
        return tuple(agent for resource in self.resources for agent in resource.agents if not agent.parent_id)

    @property
    def is_ready(self) -> bool:
        """Whether a person can work: built, every agent connected, every startup script done."""
        return (
            self.transition == "start"
            and self.job.status == "succeeded"
            and bool(self.agents)
            and all((agent.status, agent.lifecycle_state) == ("connected", "ready") for agent in self.agents)
        )

    @property
    def failure(self) -> str:
        """Why it did not work and, left alone, will not; "" while it may yet.

        A lost connection is none, since agents connect again; nor is a startup script that takes long.
        """
        if self.job.is_lost:
            return self.job.error or f"the {self.transition} build was {self.job.status}"
        if self.transition != "start" or self.job.status != "succeeded":
            return ""
        for agent in self.agents:
            if agent.status == "timeout" or agent.lifecycle_state == "start_error":
                return f"agent {agent.name}: {agent.health.reason or f'{agent.status}, {agent.lifecycle_state}'}"
        return "" if self.agents else "the template has no agent"


class LogLine(Answer):
    """A line of a build's log. id: grows from line to line; log_level: trace, debug, info, warn or error."""

    id: int
    created_at: datetime
    log_level: str
    stage: str
    output: str


class AgentLogLine(Answer):
    """A line of what an agent's scripts wrote. source_id: of the LogSource."""

    created_at: datetime
    output: str
    source_id: str = ""
