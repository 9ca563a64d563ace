"""A seat that somebody wants begun again with its work: in the same workspace, or moved into a new one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from workshop.model.event.seat_steps import SeatNow, save_step
from workshop.model.event.seats import SAVE_TIME, Seat
from workshop.model.event.steps import Action, Step
from workshop.model.event.world import Observed, Workspace


def wanted_since(seat: Seat) -> datetime | None:
    """When somebody asked for it last; None where nobody waits for it."""
    wishes = [at for at in (seat.restart_wanted_at, seat.move_wanted_at) if at is not None]
    return max(wishes, default=None)


def is_move(seat: Seat) -> bool:
    """Whether it is to be a new workspace."""
    return seat.move_wanted_at is not None and seat.move_wanted_at == wanted_since(seat)


def is_settled(now: SeatNow, at: datetime) -> bool:
    """Whether nothing is to be done for it any more: it has begun anew, or its work could not be saved in time, so that
    it goes on as it is."""
    wanted_at, workspace = wanted_since(now.seat), now.workspace
    if wanted_at is None or workspace is None:
        return False
    if workspace.transition == "start" and workspace.build_at >= wanted_at:
        return True
    return at >= now.end or (workspace.transition == "start" and at >= wanted_at + SAVE_TIME)


def restart_steps(now: SeatNow, seen: Observed) -> Iterator[Step]:
    """The one step that brings it closer; nothing is stopped before its work is saved."""
    wanted_at, workspace = wanted_since(now.seat), now.workspace
    if wanted_at is None or workspace is None or workspace.is_building or is_settled(now, seen.now):
        return
    if workspace.transition != "stop" and workspace.status in ("failed", "canceled"):
        return  # it is replaced
    if workspace.transition == "stop":
        if is_move(now.seat):
            yield now.step(Action.DELETE, "a new workspace was asked for")
        else:
            yield now.step(Action.START, "a restart was asked for")
    elif workspace.status == "running":
        if _is_safe(now, workspace, wanted_at, seen):
            yield now.step(
                Action.DELETE if is_move(now.seat) else Action.STOP,
                f"a {'new workspace' if is_move(now.seat) else 'restart'} was asked for, and its work is safe",
            )
        elif now.pod is not None:
            yield from save_step(now, seen.now, "it is begun again")


def _is_safe(now: SeatNow, workspace: Workspace, since: datetime, seen: Observed) -> bool:
    """Whether all of its work is saved, or there is no pod in which any could be."""
    if now.pod is None:
        return None not in seen.regions.values()
    receipt = now.receipt
    return receipt is not None and receipt.is_good and receipt.at >= since and receipt.build_number == workspace.build
