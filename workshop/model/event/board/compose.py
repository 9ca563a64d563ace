"""Composes the board from one look, what is kept, and the board before: what was not seen stays as it was, and ages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from workshop.model.event.board.document import Board, BoardNode, BoardSeat, NeedKind, Queue
from workshop.model.event.board.money import money_of
from workshop.model.event.board.needs import SeatNotes, hand_of, last_use, needs_of, presence_of
from workshop.model.event.phase import phase_of
from workshop.model.event.seat_steps import SeatNow, at_this_look, state_of
from workshop.model.event.world import EventState, Node, Observed
from workshop.model.ledger import NodeRun
from workshop.model.plan.event import EventPlan
from workshop.model.settings.event import Event
from workshop.model.settings.window import Window

CODER = "Coder"
PROVISIONERS = "Coder's provisioners"
PROXIES = "Coder's proxies"


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a board is made of. runs: of nodes, as the ledger has them. at_the_door: people who wait for a seat.
    notes: by seat. problems: what was not seen."""

    event: Event
    plan: EventPlan
    window: Window
    kept: EventState
    seen: Observed
    runs: tuple[NodeRun, ...] = ()
    at_the_door: int = 0
    notes: Mapping[int, SeatNotes] = field(default_factory=dict[int, SeatNotes])
    problems: Mapping[str, str] = field(default_factory=dict[str, str])


def compose(facts: Facts, before: Board | None) -> Board:
    """The board of this look. before: the last one of this event, if there is one."""
    seen, kept = facts.seen, facts.kept
    last = {} if before is None else {seat.seat: seat for seat in before.seats}
    seen_at = {**({} if before is None else before.seen_at), **dict.fromkeys(_answered(seen), seen.now)}
    coder_at = None if before is None else before.seen_at.get(CODER)
    looks = [at_this_look(seat, kept, seen) for seat in kept.seats]
    seats = tuple(_seat(now, facts, last.get(now.seat.number), coder_at) for now in looks)
    states = {seat.workspace_id: state.state for seat, state in zip(kept.seats, seats, strict=True)}
    uptimes = [seen.now - seat.started_at for seat in seats if seat.started_at is not None]
    return Board(
        event=facts.event.name,
        at=seen.now,
        phase=phase_of(facts.plan, facts.window, kept, seen.now),
        places=facts.plan.seats,
        starts_at=facts.window.start,
        ends_at=max((now.end for now in looks if now.is_up or seen.now < now.end), default=None),
        seats=tuple(sorted(seats, key=lambda seat: seat.urgency)),
        states=Counter(seat.state for seat in seats),
        presence=Counter(seat.presence for seat in seats),
        not_accepted=sum(not seat.is_wanted for seat in kept.seats),
        at_the_door=facts.at_the_door,
        mean_uptime_minutes=sum(uptimes, timedelta(0)) // timedelta(minutes=1) // max(len(uptimes), 1),
        compute_hours=round(sum(seat.ran_hours for seat in seats), 2),
        queue=_queue(looks, seen, before),
        provisioners=(before.provisioners if before else {}) if seen.provisioners is None else seen.provisioners,
        proxies=(before.proxies if before else {}) if seen.proxies is None else seen.proxies,
        nodes=tuple(_nodes(facts, before, {number: one.disk_percent for number, one in facts.notes.items()})),
        money=money_of(
            facts.event,
            facts.plan,
            facts.window,
            kept,
            seen,
            facts.runs,
            {identity: state for identity, state in states.items() if identity is not None},
        ),
        seen_at=seen_at,
        problems=facts.problems,
    )


def _answered(seen: Observed) -> Iterator[str]:
    """The sources that said something at this look, as problems name them."""
    if seen.workspaces is not None:
        yield CODER
    if seen.provisioners is not None:
        yield PROVISIONERS
    if seen.proxies is not None:
        yield PROXIES
    yield from (f"cluster of {region}" for region, found in seen.regions.items() if found is not None)
    yield from (f"EC2 in {region}" for region, found in seen.instances.items() if found is not None)


def _seat(now: SeatNow, facts: Facts, last: BoardSeat | None, coder_at: datetime | None) -> BoardSeat:
    """last: what the board before said of it; coder_at: when Coder answered last, before this look."""
    seat, at, notes = now.seat, facts.seen.now, facts.notes.get(now.seat.number, SeatNotes())
    saved_at = now.receipt.at if now.receipt is not None and now.receipt.is_good else None
    saved_at = saved_at or (None if last is None else last.saved_at)
    fresh = {"display": notes.display, "ends_at": now.end, "saved_at": saved_at}
    if facts.seen.workspaces is None and last is not None:
        others = tuple(need for need in last.needs if need.kind is not NeedKind.HAND)
        return last.model_copy(update={**fresh, "needs": (*hand_of(notes), *others)})
    state, presence = state_of(now, at), presence_of(now, facts.window.start, at)
    workspace = now.workspace
    runs = workspace is not None and workspace.status == "running"
    disk_percent, disk_at = notes.disk_percent, notes.disk_at
    if disk_at is None and runs and last is not None and workspace is not None and last.build == workspace.build:
        disk_percent, disk_at = last.disk_percent, last.disk_at  # of a keeper before
    return BoardSeat(
        seat=seat.number,
        name=seat.name,
        display=notes.display,
        region=now.pod.region if now.pod is not None else seat.region,
        state=state,
        presence=presence,
        build=0 if workspace is None else workspace.build,
        ends_at=now.end,
        started_at=workspace.started_at if workspace is not None and runs else None,
        ran_hours=_ran_hours(now, last, coder_at, at),
        used_at=None if workspace is None else last_use(workspace),
        saved_at=saved_at,
        disk_percent=disk_percent,
        disk_at=disk_at,
        needs=needs_of(now, state, presence, notes, facts.kept, facts.window.start, at),
    )


def _ran_hours(now: SeatNow, last: BoardSeat | None, coder_at: datetime | None, at: datetime) -> float:
    """With what it ran since Coder was seen last."""
    so_far, workspace = 0 if last is None else last.ran_hours, now.workspace
    began_at, until = (None if last is None else last.started_at), at
    if workspace is not None and workspace.status == "running":
        began_at = workspace.started_at
    elif workspace is not None:
        until = min(workspace.build_at, at)
    if began_at is None:
        return so_far
    since = began_at if coder_at is None else max(began_at, coder_at)
    return so_far + max(until - since, timedelta(0)) / timedelta(hours=1)


def _queue(looks: list[SeatNow], seen: Observed, before: Board | None) -> Queue:
    if seen.workspaces is None and before is not None:
        return before.queue
    waiting = [now.workspace.build_at for now in looks if now.workspace and now.workspace.status == "pending"]
    return Queue(waiting=len(waiting), oldest_at=min(waiting, default=None))


def _nodes(facts: Facts, before: Board | None, disks: Mapping[int, int | None]) -> Iterator[BoardNode]:
    types = {run.instance: run.instance_type for run in facts.runs}
    numbers = {seat.workspace_id: seat.number for seat in facts.kept.seats}
    for name, region in facts.seen.regions.items():
        if region is None:
            yield from (node for node in (before.nodes if before else ()) if node.region == name)
            continue
        for node in region.nodes:
            yield BoardNode(
                region=name,
                claim=node.claim,
                instance=node.instance,
                instance_type=types.get(node.instance or "", ""),
                seats=len(node.seats),
                strangers=len(node.strangers),
                is_leaving=node.is_leaving,
                disk_percent=_fullest(node, numbers, disks),
            )


def _fullest(node: Node, numbers: Mapping[str | None, int], disks: Mapping[int, int | None]) -> int | None:
    known = (disks.get(numbers.get(seat, 0)) for seat in node.seats)
    return max((percent for percent in known if percent is not None), default=None)
