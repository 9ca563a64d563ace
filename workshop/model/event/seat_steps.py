"""What is due for one seat: an account, a workspace, warnings, saves, and its end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from workshop.model.event.receipts import Receipt
from workshop.model.event.seats import CODERS_NET, SAVE_TIME, Seat
from workshop.model.event.steps import Action, Step
from workshop.model.event.world import EventState, Observed, Pod, Workspace
from workshop.model.settings.event import Event

SAVE_EVERY: Final = timedelta(minutes=30)
FRESH: Final = timedelta(minutes=2)
"""A seat whose stop fails goes on working: older saves than that are made again."""

MINUTE: Final = timedelta(minutes=1)
RETRY_SAVE: Final = timedelta(minutes=1)
READY_WITHIN: Final = timedelta(minutes=15)
"""From a workspace's start; one whose agent never came is replaced then."""


@dataclass(frozen=True, kw_only=True)
class SeatNow:
    """A seat at one look. workspace: None where it has none, or while Coder does not answer.

    end: when it ends, or has ended: by its own time, or with the event. receipt: of the last attempt to save its work.
    """

    seat: Seat
    workspace: Workspace | None
    pod: Pod | None
    end: datetime
    receipt: Receipt | None

    @property
    def is_up(self) -> bool:
        """Whether its workspace runs, or is about to."""
        return self.workspace is not None and self.workspace.is_up

    def is_saved(self, since: datetime, build: int | None = None) -> bool:
        """Whether the work as it was then is safe, or never will be. build: of the workspace that ran."""
        receipt = self.receipt
        if receipt is None or not receipt.is_final or receipt.at < since:
            return False
        return build is None or receipt.build_number == build

    def has_work(self, build: int) -> bool:
        """Whether something of this build was saved: then somebody works there, whatever its agent says."""
        return self.receipt is not None and self.receipt.build_number == build and self.receipt.files > 0

    def step(self, action: Action, why: str) -> Step:
        """One that is about its workspace."""
        return Step(
            action=action,
            subject=self.seat.name,
            why=why,
            seat=self.seat.number,
            workspace_id=self.seat.workspace_id if self.workspace is None else self.workspace.id,
            end=self.end,
        )


def at_this_look(seat: Seat, kept: EventState, seen: Observed) -> SeatNow:
    """What is known of a seat."""
    found = None
    if seen.workspaces is not None and seat.owner is not None:
        found = seen.workspaces.get((seat.owner, seat.name))
        found = None if found is None or found.status == "deleted" or not _is_of(seat, found) else found
    identity = seat.workspace_id if found is None else found.id
    pods = (region.pods.get(identity) for region in seen.regions.values() if region is not None and identity)
    end = seat.end(seen.now, None if found is None else found.started_at)
    return SeatNow(
        seat=seat,
        workspace=found,
        pod=next((pod for pod in pods if pod is not None), None),
        end=end if kept.ending is None else min(end, kept.ending.at),
        receipt=kept.receipts.get(seat.number),
    )


def _is_of(seat: Seat, found: Workspace) -> bool:
    """By its id; while that is unknown by its age: what the seat's person had of this name before is their own."""
    if seat.workspace_id is None:
        return found.created_at >= seat.spans[0].starts_at
    return found.id == seat.workspace_id


def state_of(now: SeatNow, at: datetime) -> str:
    """How a seat is, in a word: planned, starting, ready, stopping, stopped, failed, lost, unused or gone."""
    workspace = now.workspace
    if workspace is None or workspace.status == "deleting":
        if now.seat.is_lost:
            return "lost"
        return "planned" if at < now.end else "unused" if now.seat.workspace_id is None else "gone"
    if workspace.is_up:
        is_there = workspace.is_ready or now.seat.ready_build == workspace.build
        return ("ready" if is_there else "starting") if at < now.end else "stopping"
    if workspace.status in ("failed", "canceled"):
        return "failed"
    return "stopped" if workspace.transition == "stop" and not workspace.is_building else "stopping"


def lateness(seat: Seat, state: str, kept: EventState, now: datetime) -> str:
    """What a seat in this state should have been before now; empty for one that is in time, or was given up."""
    span = seat.span(now)
    if span is None:
        return ""
    end = seat.end(now, None)
    end = end if kept.ending is None else min(end, kept.ending.at)
    if now >= end:
        is_up = state in ("starting", "ready", "stopping")
        return "still runs" if is_up and now >= end + SAVE_TIME else ""
    is_awaited = seat.is_wanted and not seat.is_lost and span.hours is None
    is_coming = state in ("planned", "starting", "failed")
    return "not ready yet" if is_awaited and is_coming and now >= span.starts_at + READY_WITHIN else ""


def is_over(seat: Seat, kept: EventState, now: datetime) -> bool:
    """Whether the seat will not be started again, nor may its person start it."""
    return kept.ending is not None or now >= seat.last_end


def running_steps(now: SeatNow, event: Event, kept: EventState, seen: Observed) -> Iterator[Step]:
    """Before a seat's end: warnings, saves for safety, with each warning too, and work that somebody wants back."""
    workspace = now.workspace
    if workspace is None or not workspace.is_up:
        return
    due = [before // MINUTE for before in event.warnings if seen.now >= now.end - before]
    if due and (now.seat.number, min(due), now.end) not in kept.notices:  # who missed both gets the last
        yield replace(now.step(Action.WARN, f"{min(due)} minutes are left"), minutes=min(due))
    if workspace.status == "running" and now.pod is not None and workspace.started_at is not None:
        due_at = _last_save_due(now, event, workspace.started_at, seen.now)
        if due_at is not None and not now.is_saved(due_at):
            yield from save_step(now, seen.now, "for safety")
    deadline, needed = workspace.deadline, now.end + SAVE_TIME + CODERS_NET / 2
    if workspace.status == "running" and deadline is not None and deadline < needed:
        yield now.step(Action.EXTEND, f"Coder would stop it at {deadline:%H:%M} UTC")
    if workspace.is_ready and now.pod is not None and now.seat.restore_from is not None:
        yield now.step(Action.RESTORE, f"the work of seat {now.seat.restore_from} was asked for")


def ending_steps(now: SeatNow, seen: Observed) -> Iterator[Step]:
    """From a seat's end on: its work is saved, then it is stopped; at its second deadline in any case."""
    workspace = now.workspace
    if workspace is None:
        if seen.workspaces is None and now.pod is not None and not now.is_saved(max(now.end, seen.now - FRESH)):
            yield from save_step(now, seen.now, "its time is over, and Coder can't stop it")
        return
    if not workspace.is_up:
        if workspace.transition != "delete" and workspace.status in ("failed", "canceled"):
            yield now.step(Action.STOP, "its last build left it half done")
        return
    if workspace.is_building:
        yield now.step(Action.CANCEL, "its time is over before it has started")
        return
    # A restart after the end gets as long again: what was done since is work too.
    since = max(now.end, workspace.started_at or now.end)
    if now.is_saved(max(since, seen.now - FRESH), workspace.build):
        yield now.step(Action.STOP, f"its time is over; its work: {now.receipt.result if now.receipt else ''}")
        return
    # Past the second deadline it is tried once more, where that was not just now: whoever was away may be back.
    is_late = seen.now >= since + SAVE_TIME
    was_tried = now.receipt is not None and now.receipt.at >= min(seen.now - FRESH, since + SAVE_TIME)
    may_be_reached = now.pod is not None or None in seen.regions.values()
    if (may_be_reached and not is_late) or (now.pod is not None and not was_tried):
        if now.pod is not None:
            yield from save_step(now, seen.now, "its time is over")
        return
    yield now.step(Action.STOP, f"its time is over; its work could not be saved: {_why_unsaved(now.receipt, since)}")


def _why_unsaved(receipt: Receipt | None, since: datetime) -> str:
    if receipt is None or receipt.at < since:
        return "its pod could not be reached"
    return receipt.reason if not receipt.is_final else f"it went on after it was saved at {receipt.at:%H:%M} UTC"


def starting_steps(now: SeatNow, kept: EventState, seen: Observed) -> Iterator[Step]:
    """The one step that brings a seat closer to a workspace which its person can use; none once it is over."""
    seat, workspace, span = now.seat, now.workspace, now.seat.span(seen.now)
    if span is None or kept.ending is not None or seen.workspaces is None or not seat.is_wanted or seat.is_lost:
        return
    if workspace is not None and _is_asked_for(seat, workspace, seen.now):
        yield now.step(Action.START, "its person asked for it")
    elif seen.now >= now.end:
        return
    elif seat.owner is None:
        yield now.step(Action.ACCOUNT, "its person has no account yet")
    elif seat.owner not in kept.banned:
        yield now.step(Action.BAN, "workspaces of the event are made by the keeper")
    elif workspace is None:
        yield now.step(Action.CREATE, "its time has come")
    elif workspace.transition != "stop" and workspace.status in ("failed", "canceled"):
        yield now.step(Action.REPLACE, workspace.failure or "its build failed")
    elif workspace.status == "running" and _never_came(seat, workspace, seen.now) and not now.has_work(workspace.build):
        yield now.step(Action.REPLACE, workspace.failure or "its agent never came")
    elif workspace.status == "stopped" and span.hours is None and workspace.build_at < span.starts_at:
        yield now.step(Action.START, "its time has come")


def _is_asked_for(seat: Seat, workspace: Workspace, now: datetime) -> bool:
    """Whether somebody wants it back who may have it: each start has time of its own, within the seat's."""
    wanted_at = seat.start_wanted_at
    is_since = wanted_at is not None and workspace.build_at < wanted_at
    return workspace.status == "stopped" and is_since and now < seat.end(now, None)


def _never_came(seat: Seat, workspace: Workspace, now: datetime) -> bool:
    """Never in this build: what has only lost its connection has work in it."""
    if workspace.is_ready or seat.ready_build == workspace.build or workspace.started_at is None:
        return False
    return now - workspace.started_at >= READY_WITHIN


def _last_save_due(now: SeatNow, event: Event, started_at: datetime, at: datetime) -> datetime | None:
    """Every half an hour, seats one after the other, and with each warning."""
    moments = [now.end - before for before in event.warnings]
    if now.seat.save_wanted_at is not None:
        moments.append(now.seat.save_wanted_at)
    first = started_at + SAVE_EVERY + now.seat.number * timedelta(seconds=29) % SAVE_EVERY
    if at >= first:
        moments.append(at - (at - first) % SAVE_EVERY)
    return max((moment for moment in moments if started_at <= moment <= at), default=None)


def save_step(now: SeatNow, at: datetime, why: str) -> Iterator[Step]:
    """A save, where the last one did not fail just now."""
    if now.receipt is None or now.receipt.is_final or at - now.receipt.at >= RETRY_SAVE:
        yield now.step(Action.SAVE, why)
