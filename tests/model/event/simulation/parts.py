"""What an event's simulated world is made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal


@dataclass
class Machine:
    """A node as EC2 bills it. coming: for whom it was launched, until it is ready. ended_at: when it was terminated."""

    instance: str
    region: str
    launched_at: datetime
    ready_at: datetime
    coming: set[str] = field(default_factory=set[str])
    seats: set[str] = field(default_factory=set[str])
    strangers: set[str] = field(default_factory=set[str])
    leaving_at: datetime | None = None
    hangs: bool = False
    ended_at: datetime | None = None


@dataclass
class Build:
    """A workspace's last build."""

    number: int
    transition: Literal["start", "stop", "delete"]
    at: datetime
    begun_at: datetime | None = None
    done_at: datetime | None = None
    status: str = "pending"


@dataclass
class Work:
    """A workspace, and the work in it. changed_at: when somebody last did something; None since its last start.

    ttl: after which Coder stops it from its next start; deadline: when it does now; None for never.
    """

    id: str
    owner: str
    name: str
    build: Build
    ttl: timedelta | None
    deadline: datetime | None = None
    builds_badly: bool = False
    agent_comes: bool = True
    changed_at: datetime | None = None


@dataclass
class Away:
    """What does not answer from when to when."""

    what: str
    since: datetime
    until: datetime
