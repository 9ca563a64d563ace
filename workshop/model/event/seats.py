"""A participant's seat: when its workspace should run, and when the one that runs must end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Final

from workshop.model.plan.event import EventPlan
from workshop.model.plan.sizing import users_of_share
from workshop.model.settings.event import Event
from workshop.model.settings.regions import Region
from workshop.model.settings.window import Window

SAVE_TIME: Final = timedelta(minutes=10)
"""From a seat's end to its second deadline: until then it is stopped only once its work is saved."""

CODERS_NET: Final = timedelta(hours=1)
"""Past a seat's second deadline Coder itself stops it, should there be no keeper any more."""

MOST_FAILURES: Final = 3
"""Of a seat's starts; then somebody has to look at it."""


@dataclass(frozen=True, kw_only=True)
class Span:
    """A time in which a seat may run. hours: None where the keeper starts it; else whoever has it does, and it ends so
    long after each start."""

    starts_at: datetime
    ends_at: datetime
    hours: timedelta | None = None


@dataclass(frozen=True, kw_only=True)
class Seat:
    """One seat. owner: the account in Coder, None until one was found or made. spans: in the order of their starts.

    is_wanted: whether its person has accepted, so that it is started beforehand. finished_at: when its person said that
    they are done. failures: starts that failed. workspace_id: of its last workspace. ready_build: the last one of its
    builds in which its agent was ready. save_wanted_at: when somebody asked for a save. restore_from: the seat
    whose work is to be put into its workspace. start_wanted_at, restart_wanted_at, move_wanted_at: when
    somebody asked for a start, for one with its work, and for that in a new workspace.
    """

    number: int
    owner: str | None
    spans: tuple[Span, ...]
    region: str
    is_wanted: bool = True
    finished_at: datetime | None = None
    failures: int = 0
    workspace_id: str | None = None
    ready_build: int | None = None
    save_wanted_at: datetime | None = None
    restore_from: int | None = None
    start_wanted_at: datetime | None = None
    restart_wanted_at: datetime | None = None
    move_wanted_at: datetime | None = None

    @property
    def name(self) -> str:
        """The workspace's name, which is no secret and names nobody."""
        return workspace_name(self.number)

    def span(self, now: datetime) -> Span | None:
        """The last one that has begun; None before the first."""
        return next((span for span in reversed(self.spans) if span.starts_at <= now), None)

    def next_start(self, now: datetime) -> datetime | None:
        """When the keeper will start it next."""
        return next((span.starts_at for span in self.spans if span.starts_at > now and span.hours is None), None)

    @property
    def is_lost(self) -> bool:
        """Whether it was tried often enough."""
        return self.failures >= MOST_FAILURES

    def end(self, now: datetime, started_at: datetime | None) -> datetime:
        """When a workspace that was started then has to end. started_at: of its last start, None where it has none."""
        span = self.span(now)
        if span is None:
            return now
        end = span.ends_at
        if span.hours is not None and started_at is not None:
            # Who still runs from the span before it has no more time by this one.
            end = span.starts_at if started_at < span.starts_at else min(end, started_at + span.hours)
        if self.finished_at is not None and self.finished_at >= span.starts_at:
            end = min(end, self.finished_at)
        return end

    @property
    def last_end(self) -> datetime:
        """When its last span ends."""
        return max(span.ends_at for span in self.spans)


def workspace_name(number: int) -> str:
    """Of a seat's workspace: workshop-07."""
    return f"workshop-{number:02}"


def own_spans(event: Event, plan: EventPlan, window: Window, provisioned_at: datetime | None) -> tuple[Span, ...]:
    """Of every seat without an extension: early access where there is some, then the event.

    provisioned_at: when somebody had it begin before its time.
    """
    starts_at = plan.starts_at if provisioned_at is None else min(plan.starts_at, provisioned_at)
    main = Span(starts_at=starts_at, ends_at=min(window.start + window.duration, plan.ends_at))
    if plan.early_at is None or plan.early_at >= starts_at:
        return (main,)
    return (Span(starts_at=plan.early_at, ends_at=starts_at, hours=event.early_hours), main)


def regions_of_seats(regions: Sequence[Region], seats: int) -> tuple[str, ...]:
    """The region of each seat, in the order of their numbers: any first so many have the regions' shares, and no
    region more than its nodes are planned for."""
    given: list[str] = []
    for seats_so_far in range(1, seats + 1):
        with_room = [one for one in regions if given.count(one.name) < users_of_share(seats_so_far, one.share)]
        due = min(with_room, key=lambda region: Fraction(given.count(region.name) + 1, region.share))
        given.append(due.name)
    return tuple(given)
