"""What is kept of an event, as a report needs it. Moments are UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from workshop.model.event.extensions import Extension
from workshop.model.event.receipts import Receipt
from workshop.model.ledger import NodeRun


@dataclass(frozen=True, kw_only=True)
class SeatHistory:
    """A seat as it is kept. email, name, account: None once erased. is_wanted: its person had accepted."""

    seat: int
    email: str | None = None
    name: str | None = None
    account: str | None = None
    is_wanted: bool = True
    failures: int = 0
    finished_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of the journal. subject: what it is about. phase: begun, done or failed; of a `seat`, its new state."""

    at: datetime
    action: str
    subject: str
    phase: str
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class Invited:
    """An invitation. person: workshop-07, or staff-1 for whoever runs the event."""

    person: str
    role: str
    is_external: bool
    accepted_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Visit:
    """A session of somebody at the door."""

    person: str
    made_at: datetime
    seen_at: datetime


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request that somebody made of the keeper. problem: why it was not done; empty where it was."""

    person: str
    action: str
    at: datetime
    seat: int | None = None
    answered_at: datetime | None = None
    problem: str = ""


@dataclass(frozen=True, kw_only=True)
class Hand:
    """A hand that was raised. closed_at: None while nobody had come."""

    seat: int
    raised_at: datetime
    closed_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """A share of a budget that was reached."""

    budget_usd: int
    percent: int
    reached_at: datetime


@dataclass(frozen=True, kw_only=True)
class History:
    """All of one event. invitations, visits, asked, hands: empty too where people came without invitations and door.

    looks: by region, when EC2 was last seen. ended_claims: nodes that the keeper ended because nobody was on them.
    provisioned_at: when somebody had seats started before their time. ended_at, reason: an end before the seats' own.
    """

    seats: tuple[SeatHistory, ...] = ()
    lines: tuple[Line, ...] = ()
    runs: tuple[NodeRun, ...] = ()
    looks: Mapping[str, datetime]
    receipts: tuple[Receipt, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    ended_claims: Mapping[str, datetime]
    extensions: tuple[Extension, ...] = ()
    invitations: tuple[Invited, ...] = ()
    visits: tuple[Visit, ...] = ()
    asked: tuple[Asked, ...] = ()
    hands: tuple[Hand, ...] = ()
    provisioned_at: datetime | None = None
    ended_at: datetime | None = None
    reason: str = ""
    settled_at: datetime | None = None

    @property
    def own_runs(self) -> tuple[NodeRun, ...]:
        """Runs as they are the event's: what others keep running once all has settled is not; what was started since
        is."""
        settled_at = self.settled_at
        if settled_at is None:
            return self.runs
        return tuple(
            replace(run, ended_at=min(run.ended_at or settled_at, settled_at)) if run.launched_at < settled_at else run
            for run in self.runs
        )

    @property
    def left_to_others(self) -> int:
        """Nodes that went on after all had settled, because others worked on them."""
        return sum(own.ended_at != run.ended_at for own, run in zip(self.own_runs, self.runs, strict=True))

    @property
    def as_of(self) -> datetime | None:
        """The moment of which a report is: when all had settled, else of what was seen last; None before anything was.

        The same for the same contents, whenever it is asked.
        """
        ends = [run.ended_at for run in self.own_runs]
        if self.settled_at is not None and None not in ends:
            return max([self.settled_at, *(end for end in ends if end is not None)])
        return max([*self.looks.values(), *(line.at for line in self.lines)], default=None)
