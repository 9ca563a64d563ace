"""What the keeper sees at one look, and what it remembers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from workshop.model.event.receipts import Receipt
from workshop.model.event.seats import Seat
from workshop.model.ledger import Bill


@dataclass(frozen=True, kw_only=True)
class Agent:
    """What runs in a workspace on Coder's behalf. status, lifecycle_state, reason: Coder's words.

    connected_at: when it was last connected. unhealthy_apps: those of its apps whose checks fail.
    """

    name: str
    status: str
    lifecycle_state: str
    reason: str = ""
    connected_at: datetime | None = None
    unhealthy_apps: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """A workspace in Coder. status: Coder's. started_at: its last start, None before one. build_at: its last build.

    deadline: when Coder stops it; None for never. is_ready: its agents are connected and their scripts have ended well.
    failure: why its last build or agent failed.
    used_at: when somebody was last connected to it; its own creation counts as that too.
    """

    id: str
    owner: str
    name: str
    status: str
    transition: Literal["start", "stop", "delete"]
    created_at: datetime
    build: int
    build_id: str
    build_at: datetime
    started_at: datetime | None
    deadline: datetime | None = None
    is_ready: bool = False
    failure: str = ""
    used_at: datetime | None = None
    agents: tuple[Agent, ...] = ()

    @property
    def is_building(self) -> bool:
        """Whether a build waits or runs, so that no other can begin."""
        return self.status in ("pending", "starting", "stopping", "deleting", "canceling")

    @property
    def is_up(self) -> bool:
        """Whether it runs, or a build is about to make it run."""
        return self.transition == "start" and self.status in ("pending", "starting", "running")


@dataclass(frozen=True, kw_only=True)
class Pod:
    """A pod of a seat."""

    workspace_id: str
    region: str
    namespace: str
    name: str
    is_running: bool


@dataclass(frozen=True, kw_only=True)
class Node:
    """A node of our pool, by its NodeClaim; it may have none of its own yet. instance: EC2's id, once there is one.

    seats: workspaces of seats on it, by id. strangers: pods on it, NAMESPACE/NAME, with somebody else's work.
    is_leaving: it is being deleted.
    """

    region: str
    claim: str
    instance: str | None
    seats: frozenset[str] = frozenset()
    strangers: tuple[str, ...] = ()
    is_leaving: bool = False


@dataclass(frozen=True, kw_only=True)
class Region:
    """One region's cluster. pods: those of seats, by workspace id. is_closed: our pool is closed by the keeper."""

    nodes: tuple[Node, ...] = ()
    pods: Mapping[str, Pod] = field(default_factory=dict[str, Pod])
    is_closed: bool = False


@dataclass(frozen=True, kw_only=True)
class Observed:
    """One look. workspaces: by owner and name, None while Coder does not answer. idle_provisioners: builds that can
    begin at once; provisioners: how many there are by status; proxies: whether each is
    healthy; None where that was not seen. regions: None where the
    cluster does not answer. instances: those of our pool that EC2 says are paid for, by region; None where it does not
    answer."""

    now: datetime
    workspaces: Mapping[tuple[str, str], Workspace] | None
    idle_provisioners: int
    regions: Mapping[str, Region | None]
    instances: Mapping[str, Mapping[str, datetime] | None]
    bill: Bill
    provisioners: Mapping[str, int] | None = None
    proxies: Mapping[str, bool] | None = None


@dataclass(frozen=True, kw_only=True)
class Ending:
    """The whole event's end, when it is not each seat's own. reason: cap, command, or latest end."""

    at: datetime
    reason: str


@dataclass(frozen=True, kw_only=True)
class EventState:
    """What the keeper remembers. receipts: of the last attempt to save each seat's work.

    notices: (seat, minutes before, end) that were given. ended_claims: instances whose claims were deleted, and when.
    ending: None while seats end by their own times. settled_at: when nothing of the event ran any more.
    keys: aliases of LiteLLM's keys that seats have. banned: usernames whose creating of workspaces was
    stopped. claimed: seats whose account this event made or banned, and has not released.
    """

    seats: tuple[Seat, ...]
    receipts: Mapping[int, Receipt] = field(default_factory=dict[int, Receipt])
    notices: frozenset[tuple[int, int, datetime]] = frozenset()
    ended_claims: Mapping[str, datetime] = field(default_factory=dict[str, datetime])
    ending: Ending | None = None
    settled_at: datetime | None = None
    keys: frozenset[str] = frozenset()
    banned: frozenset[str] = frozenset()
    claimed: frozenset[int] = frozenset()
