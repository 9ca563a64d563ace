"""The keeper's decisions: from what should be and what is, the steps that are due now.

Between two looks only `EventState` is remembered: a keeper that was killed anywhere goes on, and a step that was done
is not due any more.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from workshop.model.event.node_steps import closing_steps, is_ended, left_running, node_steps
from workshop.model.event.restarts import restart_steps
from workshop.model.event.seat_steps import (
    SeatNow,
    at_this_look,
    ending_steps,
    is_over,
    running_steps,
    starting_steps,
)
from workshop.model.event.steps import Action, Step
from workshop.model.event.world import EventState, Observed
from workshop.model.settings.event import Event

CAP: Final = "the budget is reached"

KEEP_WORKSPACES: Final = timedelta(days=1)
"""From the event's end: until then somebody may still be given one day more."""

_BUILDS: Final = (Action.CREATE, Action.START, Action.REPLACE)


def decide(event: Event, kept: EventState, seen: Observed) -> tuple[Step, ...]:
    """What is due at this look, the most urgent first. The whole event's end comes alone: all else follows from it."""
    if kept.ending is None and _is_over_budget(event, kept, seen):
        return (Step(action=Action.END, subject=event.name, why=CAP, end=seen.now),)
    return tuple(_steps(event, kept, seen))


def _is_over_budget(event: Event, kept: EventState, seen: Observed) -> bool:
    """What a stranger's node costs after all has settled is not the event's any more, but what a restart costs is."""
    if event.cap != "hard" or seen.bill.committed < event.budget_usd:
        return False
    return kept.settled_at is None or any(at_this_look(seat, kept, seen).is_up for seat in kept.seats)


def _steps(event: Event, kept: EventState, seen: Observed) -> Iterator[Step]:
    seats = [at_this_look(seat, kept, seen) for seat in kept.seats]
    if kept.ending is not None and _is_over_budget(event, kept, seen):
        yield from closing_steps(seen, CAP)
    if kept.settled_at is not None or (kept.ending is not None and kept.ending.reason == CAP):
        yield from _keyless(event, kept)
    for now in seats:
        yield from running_steps(now, event, kept, seen) if seen.now < now.end else ending_steps(now, seen)
        yield from restart_steps(now, seen)
    yield from _starts(seats, kept, seen)
    yield from node_steps(event, seats, kept, seen)
    yield from _after(event, kept, seen)  # whoever starts a seat after that is still looked after
    if kept.settled_at is None and kept.seats and is_ended(kept, seen) and _is_settled(seats, seen):
        yield Step(action=Action.SETTLE, subject=event.name, why="no seat runs, and EC2 has no node of the event")


def _keyless(event: Event, kept: EventState) -> Iterator[Step]:
    """Nobody spends on models any more."""
    if kept.keys:
        yield Step(
            action=Action.REVOKE, subject=event.name, why=f"{len(kept.keys)} keys of seats are not needed any more"
        )


def _starts(seats: list[SeatNow], kept: EventState, seen: Observed) -> Iterator[Step]:
    """Builds go in waves, as many as provisioners can begin at once: Coder drops a job that waits for half an hour."""
    waiting = sum(1 for now in seats if now.workspace is not None and now.workspace.status == "pending")
    free = max(seen.idle_provisioners - waiting, 0)
    for now in seats:
        for step in starting_steps(now, kept, seen):
            if step.action not in _BUILDS:
                yield step
            elif free:
                free -= 1
                yield step


def _is_settled(seats: list[SeatNow], seen: Observed) -> bool:
    """Whether everybody says so who has to: Coder of workspaces, EC2 of instances."""
    if seen.workspaces is None or any(now.is_up for now in seats):
        return False
    if any(now.workspace is not None and now.workspace.is_building for now in seats):
        return False
    return all(left_running(name, seen) == frozenset() for name in seen.regions)


def _after(event: Event, kept: EventState, seen: Observed) -> Iterator[Step]:
    """Workspaces go a day after the event, where their work is safe, in any case when saved work goes; then accounts
    are as they were before."""
    if kept.settled_at is None or seen.now < kept.settled_at + KEEP_WORKSPACES or seen.workspaces is None:
        return
    for seat in kept.seats:
        now = at_this_look(seat, kept, seen)
        if now.is_up or not is_over(seat, kept, seen.now):
            continue
        if now.workspace is not None and not now.workspace.is_building:
            is_safe = seat.ready_build is None or (now.receipt is not None and now.receipt.is_final)
            if is_safe or seen.now >= kept.settled_at + timedelta(days=event.saving.retention_days) - KEEP_WORKSPACES:
                work = "none" if now.receipt is None else now.receipt.result
                yield now.step(Action.DELETE, f"the event is over; its work: {work}")
        elif now.workspace is None and seat.number in kept.claimed:
            yield now.step(Action.RELEASE, "the event is over")
