"""What is due for the event's nodes: empty ones are ended, what a cluster leaves running is terminated.

A node with somebody else's work is never touched; it is charged to the event and named in its status.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from workshop.model.event.seat_steps import SeatNow, is_over
from workshop.model.event.seats import SAVE_TIME
from workshop.model.event.steps import Action, Step
from workshop.model.event.world import EventState, Node, Observed, Region
from workshop.model.settings.event import Event

STOP_TIME: Final = timedelta(minutes=10)
"""For Coder's stop of a workspace, after its second deadline."""

TERMINATE_AFTER: Final = timedelta(minutes=10)
"""From the deletion of a node's claim: draining takes that long at most, then EC2 is told itself."""

LAUNCH_TIME: Final = timedelta(minutes=30)
"""Younger instances than that may be without a node still; older ones have been left behind."""

FILLS_WITHIN: Final = timedelta(minutes=10)
"""From a node's launch: until then it may be empty still because the pod that it is for waits for it."""

SOON: Final = timedelta(hours=1)


def closing_steps(seen: Observed, why: str) -> Iterator[Step]:
    """Closes our pool wherever a cluster answers: it starts no more nodes."""
    for name, region in seen.regions.items():
        if region is not None and not region.is_closed:
            yield Step(action=Action.CLOSE_POOL, subject=name, region=name, why=why)


def node_steps(event: Event, seats: Sequence[SeatNow], kept: EventState, seen: Observed) -> Iterator[Step]:
    """What is due for nodes in every region that answers."""
    for name, region in seen.regions.items():
        running = seen.instances.get(name)
        if region is not None:
            yield from _empty(event, name, region, seats, kept, seen)
            yield from _without_coder(name, region, seats, seen)
            if running is not None:
                yield from _left_behind(name, region, running, kept, seen)


def is_ended(kept: EventState, seen: Observed) -> bool:
    """Whether no seat will run again, nor may be started by anybody."""
    return all(is_over(seat, kept, seen.now) for seat in kept.seats)


def left_running(name: str, seen: Observed) -> frozenset[str] | None:
    """Instances of a region that run and hold nobody else's work; None where that can't be said."""
    running, region = seen.instances.get(name), seen.regions.get(name)
    if running is None or (region is None and running):
        return None
    nodes = () if region is None else region.nodes
    return frozenset(running) - {node.instance for node in nodes if node.strangers}


def _empty(
    event: Event, name: str, region: Region, seats: Sequence[SeatNow], kept: EventState, seen: Observed
) -> Iterator[Step]:
    """Empty nodes are ended once nobody is still to come to them, but for one in reserve while the event runs."""
    if not kept.seats or seen.now < min(seat.spans[0].starts_at for seat in kept.seats):
        return  # whatever stands warm before waits for its people
    is_end = is_ended(kept, seen)
    if not is_end and any(_is_to_come(each, name, seen) for each in seats):
        return
    spare = 0 if is_end or not event.reserve else 1
    known = seen.instances.get(name) or {}
    empty = [
        node
        for node in region.nodes
        if not (node.seats or node.strangers or node.is_leaving)
        and seen.now - known.get(node.instance or "", seen.now) >= FILLS_WITHIN
    ]
    for node in empty[spare:]:
        yield _end_claim(node, "no workspace is on it, and nobody is still to come")


def _is_to_come(now: SeatNow, region: str, seen: Observed) -> bool:
    """Whether a seat may need a place in this region within the next hour that it does not have yet."""
    seat = now.seat
    is_placed = now.pod is not None and now.pod.is_running
    if (seat.region not in ("", region)) or not seat.is_wanted or seat.is_lost or is_placed:
        return False
    next_start = seat.next_start(seen.now)
    if next_start is not None and next_start - seen.now <= SOON:
        return True
    span = seat.span(seen.now)
    if span is None or seen.now >= now.end:
        return False
    # Where its person starts it, at any time, nothing waits for that.
    return span.hours is None or now.is_up or (now.workspace is None and span == seat.spans[0])


def _without_coder(name: str, region: Region, seats: Sequence[SeatNow], seen: Observed) -> Iterator[Step]:
    """Coder is away, or does not get its workspaces stopped: past all second deadlines their nodes go, and the pool
    starts no others."""
    given = SAVE_TIME if seen.workspaces is None else SAVE_TIME + STOP_TIME
    of_seat = {now.seat.workspace_id: now for now in seats}
    for node in region.nodes:
        on_it = [of_seat.get(each) for each in node.seats]
        due = all(now is not None and seen.now >= _due(now) + given for now in on_it)
        if not on_it or node.strangers or node.is_leaving or not due:
            continue
        if region.is_closed:
            yield _end_claim(node, "its seats are over, and Coder can't stop them")
        else:
            why = "Coder can't stop workspaces, which would be started elsewhere"
            yield Step(action=Action.CLOSE_POOL, subject=name, region=name, why=why)
            return


def _due(now: SeatNow) -> datetime:
    """When its end has begun: of a restart after it, with that."""
    started_at = None if now.workspace is None else now.workspace.started_at
    return now.end if started_at is None else max(now.end, started_at)


def _left_behind(
    name: str, region: Region, running: Mapping[str, datetime], kept: EventState, seen: Observed
) -> Iterator[Step]:
    """Instances that outlive their claims, and after the event those that no claim knows."""
    claims = {node.instance: node for node in region.nodes}
    for instance, launched_at in sorted(running.items()):
        node, ended_at = claims.get(instance), kept.ended_claims.get(instance)
        if node is not None and node.strangers:
            continue
        if ended_at is not None:
            if seen.now - ended_at >= TERMINATE_AFTER and (node is None or node.is_leaving):
                yield _terminate(name, instance, "its claim was deleted ten minutes ago and it still runs")
        elif (
            node is None
            and kept.seats
            and is_ended(kept, seen)
            and None not in claims
            and seen.now - launched_at >= LAUNCH_TIME
        ):
            yield _terminate(name, instance, "no node is known of it")


def _end_claim(node: Node, why: str) -> Step:
    return Step(
        action=Action.END_CLAIM,
        subject=node.claim,
        region=node.region,
        claim=node.claim,
        instance=node.instance,
        why=why,
    )


def _terminate(region: str, instance: str, why: str) -> Step:
    return Step(action=Action.TERMINATE, subject=instance, region=region, instance=instance, why=why)
