"""The board: one document from which terminal, browser and reports show how an event stands. No address is in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, PlainSerializer

from workshop.model.legible import Legible

Usd = Annotated[Decimal, PlainSerializer(lambda usd: f"{usd:.2f}", return_type=str, when_used="json")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class NeedKind(StrEnum):
    """Why a seat needs somebody, the most urgent first."""

    HAND = "hand raised"
    GAVE_UP = "gave up"
    BUILD_FAILED = "build failed"
    AGENT_LOST = "agent lost"
    SCRIPT_FAILED = "start script failed"
    STOPPED = "stopped early"
    DISK = "disk nearly full"
    UNSAVED = "work not saved"
    KEY = "models' key"
    APP = "app not healthy"
    LATE = "late"
    MISSING = "nobody came"
    IDLE = "no activity"

    @property
    def rank(self) -> int:
        """0 for the most urgent."""
        return [*NeedKind].index(self)


class Presence(StrEnum):
    """What is seen of a seat's person. waiting: their time has not come. away: their seat does not run, by plan.

    missing: their time has come, and nobody has worked there since the seat began. finished: they said so.
    """

    ACTIVE = "active"
    IDLE = "idle"
    MISSING = "missing"
    FINISHED = "finished"
    WAITING = "waiting"
    AWAY = "away"


class Need(_Part):
    """text: what is wrong, in plain words. since: None where that is not known."""

    kind: NeedKind
    text: Legible
    since: AwareDatetime | None = None


class BoardSeat(_Part):
    """One seat. name: of its workspace. display: its person's name, empty once that was erased.

    state: as the keeper says it. build: of the workspace, 0 without one. started_at: of what runs, None where nothing
    does. ran_hours: since the board began. used_at: when somebody was last connected to it. saved_at: of the last good
    receipt. disk_percent: used of what the home is on; disk_at: when that was seen.
    """

    seat: int
    name: str
    display: Legible = ""
    region: str = ""
    state: str
    presence: Presence
    build: int = 0
    ends_at: AwareDatetime | None = None
    started_at: AwareDatetime | None = None
    ran_hours: float = 0
    used_at: AwareDatetime | None = None
    saved_at: AwareDatetime | None = None
    disk_percent: int | None = None
    disk_at: AwareDatetime | None = None
    needs: tuple[Need, ...] = ()

    @property
    def urgency(self) -> tuple[int, float, int]:
        """By which seats are sorted: what is worst, for how long, and the number."""
        if not self.needs:
            return (len(NeedKind), 0, self.seat)
        first = self.needs[0]
        return (first.kind.rank, first.since.timestamp() if first.since else 0, self.seat)


class BoardNode(_Part):
    """A node of the pool. seats, strangers: workspaces on it. disk_percent: used of its workspace storage."""

    region: str
    claim: str
    instance: str | None = None
    instance_type: str = ""
    seats: int = 0
    strangers: int = 0
    is_leaving: bool = False
    disk_percent: int | None = None


class BoardMoney(_Part):
    """USD. percent: of the budget, by what is due (committed). is_stale: some nodes are counted as their pools' limits.

    effective_usd_per_hour: what was spent for each hour since the window opened; around_the_clock_usd_per_hour: what
    all nodes cost if they ran all that time. banked: by the planned end, of nodes that early finishers have freed.
    usd_per_hour_by_state: of the nodes' rate now, by the seats on them; empty: nodes without any; unseen: counted for
    regions that could not be seen.
    """

    budget_usd: int
    cap: Literal["hard", "soft"]
    spent: Usd
    committed: Usd
    projected: Usd
    percent: int
    usd_per_hour: Usd
    effective_usd_per_hour: Usd
    around_the_clock_usd_per_hour: Usd
    banked: Usd
    early_finishers: int
    freed_nodes: int
    usd_per_hour_by_state: Mapping[str, Usd]
    is_stale: bool


class Queue(_Part):
    """Builds of seats that wait for a provisioner. oldest_at: since when the first one waits."""

    waiting: int = 0
    oldest_at: AwareDatetime | None = None


class Board(_Part):
    """The whole event at one look.

    at: of the look. seen_at: when each source of figures last answered; what it last said stays until it answers again.
    problems: what the look could not see, and whose work stands in the way of ending a node. provisioners: by status.
    proxies: whether each is healthy, the server itself among them.
    seats are sorted by need; places: how many are planned. starts_at, ends_at: the event's own, None of an end where
    nobody has a seat. at_the_door: people who came by the room's code and wait for a seat. mean_uptime_minutes: of
    seats that run. compute_hours: of all seats since the board began.
    """

    schema_version: Literal[1] = 1
    event: str
    at: AwareDatetime
    phase: str
    places: int
    starts_at: AwareDatetime
    ends_at: AwareDatetime | None
    seats: tuple[BoardSeat, ...]
    states: Mapping[str, int]
    presence: Mapping[Presence, int]
    not_accepted: int
    at_the_door: int
    mean_uptime_minutes: int
    compute_hours: float
    queue: Queue
    provisioners: Mapping[str, int]
    proxies: Mapping[str, bool]
    nodes: tuple[BoardNode, ...]
    money: BoardMoney
    seen_at: Mapping[str, AwareDatetime]
    problems: Mapping[Legible, Legible]

    @property
    def needing_help(self) -> tuple[BoardSeat, ...]:
        """Seats that need somebody, the most urgent first."""
        return tuple(seat for seat in self.seats if seat.needs)

    @property
    def hands(self) -> int:
        """How many hands are raised."""
        return sum(need.kind is NeedKind.HAND for seat in self.seats for need in seat.needs)

    def left(self, now: datetime) -> timedelta | None:
        """Until the last seat ends; None where none runs any more."""
        return None if self.ends_at is None or self.ends_at <= now else self.ends_at - now


class Sample(_Part):
    """What is kept of a board for reports. oldest_wait_seconds: of builds that wait; None where none does."""

    schema_version: Literal[1] = 1
    at: AwareDatetime
    phase: str
    states: Mapping[str, int]
    presence: Mapping[Presence, int]
    needing_help: int
    hands: int
    waiting: int
    oldest_wait_seconds: int | None
    nodes: int
    spent: Usd
    committed: Usd
    usd_per_hour: Usd
    compute_hours: float

    @classmethod
    def of(cls, board: Board) -> Sample:
        """Of a board; nobody is in it."""
        oldest_at = board.queue.oldest_at
        return cls(
            at=board.at,
            phase=board.phase,
            states=board.states,
            presence=board.presence,
            needing_help=len(board.needing_help),
            hands=board.hands,
            waiting=board.queue.waiting,
            oldest_wait_seconds=None if oldest_at is None else (board.at - oldest_at) // timedelta(seconds=1),
            nodes=len(board.nodes),
            spent=board.money.spent,
            committed=board.money.committed,
            usd_per_hour=board.money.usd_per_hour,
            compute_hours=board.compute_hours,
        )
