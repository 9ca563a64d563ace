"""An event of 10 users that began at 9: seats are made by their numbers, and change one thing at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.model.given import settings
from workshop.model.event.board.compose import Facts, compose
from workshop.model.event.board.document import Board, BoardSeat, NeedKind
from workshop.model.event.board.needs import SeatNotes
from workshop.model.event.receipts import Receipt
from workshop.model.event.seats import Seat, Span, workspace_name
from workshop.model.event.world import Agent, EventState, Node, Observed, Pod, Region, Workspace
from workshop.model.ledger import NodeRun, bill
from workshop.model.plan.event import plan_event
from workshop.model.settings.section import given

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
START = datetime(2026, 12, 1, 9, tzinfo=UTC)
NOON = START + 3 * HOUR
HOME = "us-east-2"
ASKED = settings(
    users="10",
    window={"start": "2026-12-01T09:00+00:00", "duration": "5h"},
    event={"name": "october", "template": "coder/docker", "latest_end": "6h", "budget_usd": 200},
)
MAIN = Span(starts_at=START - HOUR, ends_at=START + 5 * HOUR)
FINE = Agent(name="main", status="connected", lifecycle_state="ready", connected_at=NOON)


def seat(number: int, **changes: object) -> Seat:
    """Wanted, with an account and a workspace."""
    made = Seat(number=number, owner=f"p{number}", spans=(MAIN,), region=HOME, workspace_id=f"w{number}", ready_build=1)
    return replace(made, **changes)  # pyright: ignore[reportArgumentType]


def workspace(number: int, **changes: object) -> Workspace:
    """Ready since 8, and used just now."""
    made = Workspace(
        id=f"w{number}",
        owner=f"p{number}",
        name=workspace_name(number),
        status="running",
        transition="start",
        build=1,
        build_id="b",
        created_at=MAIN.starts_at,
        build_at=MAIN.starts_at,
        started_at=MAIN.starts_at,
        is_ready=True,
        used_at=NOON - MINUTE,
        agents=(FINE,),
    )
    return replace(made, **changes)  # pyright: ignore[reportArgumentType]


def stopped(number: int, at: datetime) -> Workspace:
    """Stopped then."""
    return workspace(
        number, status="stopped", transition="stop", build=2, build_at=at, started_at=None, is_ready=False, agents=()
    )


def run(name: str, launched_at: datetime = MAIN.starts_at, ended_at: datetime | None = None) -> NodeRun:
    """Of a node of the dearest of the event's types."""
    return NodeRun(instance=name, region=HOME, instance_type="c6a.32xlarge", launched_at=launched_at, ended_at=ended_at)


def node(name: str, *seats: int, strangers: int = 0) -> Node:
    """With these seats on it."""
    return Node(
        region=HOME,
        claim=f"claim-{name}",
        instance=name,
        seats=frozenset(f"w{number}" for number in seats),
        strangers=tuple(f"coder-ws/{each}" for each in range(strangers)),
    )


def facts(
    seats: tuple[Seat, ...],
    workspaces: tuple[Workspace, ...] | None,
    *,
    now: datetime = NOON,
    nodes: tuple[Node, ...] | None = (),
    runs: tuple[NodeRun, ...] = (),
    notes: Mapping[int, SeatNotes] | None = None,
    receipts: tuple[Receipt, ...] = (),
    **state: object,
) -> Facts:
    """nodes: None where the region can't be seen. state: of EventState."""
    event, plan = given(ASKED.event), given(plan_event(ASKED))
    pods = {
        each.id: Pod(workspace_id=each.id, region=HOME, namespace="coder-ws", name=each.id, is_running=True)
        for each in workspaces or ()
        if each.is_up
    }
    seen = Observed(
        now=now,
        workspaces=None if workspaces is None else {(each.owner, each.name): each for each in workspaces},
        idle_provisioners=2,
        provisioners=None if workspaces is None else {"idle": 2, "busy": 1},
        proxies=None if workspaces is None else {"primary": True, "us-west-2": True},
        regions={HOME: None if nodes is None else Region(nodes=nodes, pods=pods)},
        instances={HOME: None if nodes is None else {}},
        bill=bill(event, plan, runs, {HOME: now}, now),
    )
    kept = EventState(seats=seats, receipts={receipt.seat: receipt for receipt in receipts}, **state)  # pyright: ignore[reportArgumentType]
    return Facts(
        event=event,
        plan=plan,
        window=given(ASKED.window),
        kept=kept,
        seen=seen,
        runs=runs,
        notes=notes or {},
        problems={} if workspaces is not None else {"Coder": "it did not answer"},
    )


def board(*arguments: Any, before: Board | None = None, **more: Any) -> Board:  # noqa: ANN401 - as facts and compose take them
    """Composed of such facts."""
    return compose(facts(*arguments, **more), before)


def only(seat_: Seat, found: Workspace | None, **more: Any) -> BoardSeat:  # noqa: ANN401
    """The one seat of an event, and its workspace."""
    return board((seat_,), () if found is None else (found,), **more).seats[0]


def kinds(found: BoardSeat) -> list[NeedKind]:
    """What a seat needs."""
    return [need.kind for need in found.needs]
