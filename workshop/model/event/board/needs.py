"""Why a seat needs somebody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from workshop.model.event.board.document import Need, NeedKind, Presence
from workshop.model.event.receipts import Result
from workshop.model.event.restarts import wanted_since
from workshop.model.event.seat_steps import SeatNow, lateness
from workshop.model.event.world import EventState, Workspace

IDLE_AFTER: Final = timedelta(minutes=20)
"""Without a connection, from which on somebody may be stuck; Coder writes connections down within a minute."""

MISSING_AFTER: Final = timedelta(minutes=15)
"""From the event's start, or the seat's own: until then people find it."""

DISK_PERCENT: Final = 90
"""Kubernetes begins to evict pods at 85 to 90 % of a node's disk."""

_MADE: Final = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class SeatNotes:
    """What is known of a seat beside what steps are decided by. display: its person's name. problem: of its last start.

    hand_at, hand_text: of a raised hand. disk_percent, disk_at: used of what its home is on. key_problem: why its key
    of models does not serve it.
    """

    display: str = ""
    problem: str = ""
    hand_at: datetime | None = None
    hand_text: str = ""
    disk_percent: int | None = None
    disk_at: datetime | None = None
    key_problem: str = ""


def presence_of(now: SeatNow, starts_at: datetime, at: datetime) -> Presence:
    """What is seen of a seat's person. starts_at: the event's start, from which on people are awaited."""
    seat, workspace, span = now.seat, now.workspace, now.seat.span(at)
    if span is None:
        return Presence.WAITING
    if seat.finished_at is not None and span.starts_at <= seat.finished_at <= at:
        return Presence.FINISHED
    if at >= now.end:
        return Presence.AWAY
    used_at = None if workspace is None else last_use(workspace)
    used_at = None if used_at is None or used_at <= span.starts_at else used_at  # as in early access
    if used_at is not None and now.is_up:
        return Presence.ACTIVE if at - used_at < IDLE_AFTER else Presence.IDLE
    if span.hours is not None or at < starts_at or not seat.is_wanted:
        return Presence.WAITING
    return Presence.MISSING if used_at is None else Presence.AWAY


def last_use(workspace: Workspace) -> datetime | None:
    """When somebody was there last, if anybody ever was: that it was made counts as use for Coder."""
    used_at = workspace.used_at
    return used_at if used_at is not None and used_at > workspace.created_at + _MADE else None


def hand_of(notes: SeatNotes) -> tuple[Need, ...]:
    """A raised hand, if there is one."""
    if notes.hand_at is None:
        return ()
    text = f"raised a hand: {notes.hand_text}" if notes.hand_text else "raised a hand"
    return (Need(kind=NeedKind.HAND, text=text, since=notes.hand_at),)


def needs_of(
    now: SeatNow, state: str, presence: Presence, notes: SeatNotes, kept: EventState, starts_at: datetime, at: datetime
) -> tuple[Need, ...]:
    """All that is wrong with a seat, the most urgent first."""
    found = [*hand_of(notes), *_broken(now, notes, at), *_works_badly(now, notes)]
    late = lateness(now.seat, state, kept, at)
    if late and not any(need.kind in (NeedKind.BUILD_FAILED, NeedKind.STOPPED) for need in found):
        found.append(Need(kind=NeedKind.LATE, text=late))
    since = max(starts_at, (now.workspace.started_at if now.workspace else None) or starts_at)
    if presence is Presence.MISSING and state == "ready" and at >= since + MISSING_AFTER:
        found.append(Need(kind=NeedKind.MISSING, text="nobody has worked in it yet", since=since))
    if presence is Presence.IDLE and now.workspace is not None:
        found.append(Need(kind=NeedKind.IDLE, text="no activity", since=now.workspace.used_at))
    return tuple(sorted(found, key=lambda need: need.kind.rank))


def _broken(now: SeatNow, notes: SeatNotes, at: datetime) -> Iterator[Need]:
    """What keeps somebody from working at all."""
    seat, workspace, span = now.seat, now.workspace, now.seat.span(at)
    if seat.is_lost and at < now.end:
        text = f"failed {seat.failures} times and is not tried again: {notes.problem or 'no reason is known'}"
        yield Need(kind=NeedKind.GAVE_UP, text=text)
    if workspace is None:
        return
    if workspace.status in ("failed", "canceled"):
        text = workspace.failure or "its last build failed"
        yield Need(kind=NeedKind.BUILD_FAILED, text=text, since=workspace.build_at)
    elif workspace.is_up:
        yield from _agents(workspace)
    elif (
        workspace.transition == "stop"
        and span is not None
        and span.hours is None
        and span.starts_at <= workspace.build_at
        and at < now.end
        and seat.finished_at is None
        and wanted_since(seat) is None
    ):
        yield Need(kind=NeedKind.STOPPED, text="was stopped before its time", since=workspace.build_at)


def _agents(workspace: Workspace) -> Iterator[Need]:
    for agent in workspace.agents:
        if agent.status in ("disconnected", "timeout"):
            never = "never connected" if agent.connected_at is None else "has lost its connection"
            yield Need(kind=NeedKind.AGENT_LOST, text=f"agent {agent.name} {never}", since=agent.connected_at)
        elif agent.lifecycle_state in ("start_error", "start_timeout"):
            how = "ended with an error" if agent.lifecycle_state == "start_error" else "takes longer than it may"
            text = f"the start script of agent {agent.name} {how}"
            yield Need(kind=NeedKind.SCRIPT_FAILED, text=text, since=workspace.started_at)
        for app in agent.unhealthy_apps:
            yield Need(kind=NeedKind.APP, text=f"app {app} does not answer its check")


def _works_badly(now: SeatNow, notes: SeatNotes) -> Iterator[Need]:
    if notes.disk_percent is not None and notes.disk_percent >= DISK_PERCENT and now.is_up:
        text = f"{notes.disk_percent} % of the disk that its home is on is used"
        yield Need(kind=NeedKind.DISK, text=text, since=notes.disk_at)
    if now.receipt is not None and now.receipt.result in (Result.FAILED, Result.REFUSED):
        text = f"its work was not saved: {now.receipt.reason}"
        yield Need(kind=NeedKind.UNSAVED, text=text, since=now.receipt.at)
    if notes.key_problem:
        yield Need(kind=NeedKind.KEY, text=notes.key_problem)
