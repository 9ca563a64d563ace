"""A seat is begun again with its work: nothing is stopped before it is safe, and each wish is fulfilled once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from tests.model.event.board.scene import HOUR, MINUTE, NOON, START, facts, seat, stopped, workspace
from workshop.model.event.receipts import Receipt, Result
from workshop.model.event.restarts import is_move, is_settled, restart_steps, wanted_since
from workshop.model.event.seat_steps import at_this_look
from workshop.model.event.seats import Seat
from workshop.model.event.steps import Action
from workshop.model.event.world import Region, Workspace

RESTART, MOVE = {"restart_wanted_at": NOON}, {"move_wanted_at": NOON}


def receipt(at: datetime, result: Result = Result.EMPTY, build: int = 1) -> Receipt:
    return Receipt(seat=7, workspace_id="w7", build_number=build, at=at, result=result, reason="why")


def due(
    wanted: Seat, found: Workspace, *receipts: Receipt, now: datetime = NOON + MINUTE, **more: object
) -> list[Action]:
    made = facts((wanted,), (found,), now=now, receipts=receipts, **more)  # pyright: ignore[reportArgumentType]
    looked = at_this_look(wanted, made.kept, made.seen)
    steps = [step.action for step in restart_steps(looked, made.seen)]
    assert not (steps and is_settled(looked, now))
    return steps


@pytest.mark.parametrize(("wish", "ends"), [(RESTART, Action.STOP), (MOVE, Action.DELETE)], ids=["restart", "move"])
def test_it_is_saved_first_and_then_ended(wish: dict[str, datetime], ends: Action) -> None:
    wanted = seat(7, **wish)
    assert due(wanted, workspace(7)) == [Action.SAVE]
    assert due(wanted, workspace(7), receipt(NOON - MINUTE)) == [Action.SAVE], "what came since is work too"
    assert due(wanted, workspace(7), receipt(NOON, build=3)) == [Action.SAVE]
    assert due(wanted, workspace(7), receipt(NOON, Result.REFUSED)) == [Action.SAVE], "it would be lost"
    assert due(wanted, workspace(7), receipt(NOON)) == [ends]


def test_then_it_begins_anew() -> None:
    off = stopped(7, NOON + MINUTE)
    assert due(seat(7, **RESTART), off) == [Action.START]
    assert due(seat(7, **MOVE), off) == [Action.DELETE]
    building = workspace(7, status="stopping", transition="stop", build=2, build_at=NOON, started_at=None)
    assert due(seat(7, **RESTART), building) == []


@pytest.mark.parametrize("wish", [RESTART, MOVE], ids=["restart", "move"])
def test_a_wish_is_fulfilled_once(wish: dict[str, datetime]) -> None:
    wanted, again = seat(7, **wish), workspace(7, build=3, build_at=NOON + MINUTE, started_at=NOON + MINUTE)
    assert due(wanted, again) == []
    made = facts((wanted,), (again,))
    assert is_settled(at_this_look(wanted, made.kept, made.seen), NOON + 2 * MINUTE)
    assert due(seat(7), stopped(7, NOON)) == []


def test_work_that_can_not_be_saved_in_ten_minutes_stays_where_it_is() -> None:
    wanted = seat(7, **RESTART)
    failed = receipt(NOON + 9 * MINUTE, Result.FAILED)
    assert due(wanted, workspace(7), failed, now=NOON + 11 * MINUTE) == []
    made = facts((wanted,), (workspace(7),), now=NOON + 11 * MINUTE)
    assert is_settled(at_this_look(wanted, made.kept, made.seen), NOON + 11 * MINUTE)


def test_where_no_pod_is_there_is_nothing_to_save_unless_a_region_is_not_seen() -> None:
    wanted, found = seat(7, **RESTART), workspace(7)
    made = facts((wanted,), (found,), now=NOON + MINUTE)
    for region, steps in ((Region(), [Action.STOP]), (None, [])):
        seen = replace(made.seen, regions={"us-east-2": region})
        looked = at_this_look(wanted, made.kept, seen)
        assert [step.action for step in restart_steps(looked, seen)] == steps


def test_what_failed_is_replaced_anyway() -> None:
    assert due(seat(7, **RESTART), workspace(7, status="failed", is_ready=False)) == []


def test_past_its_end_it_only_ends() -> None:
    wanted = seat(7, restart_wanted_at=START + 5 * HOUR - MINUTE)
    assert due(wanted, workspace(7), now=START + 5 * HOUR + MINUTE) == []


def test_the_last_wish_counts() -> None:
    assert not is_move(seat(7, restart_wanted_at=NOON, move_wanted_at=NOON - MINUTE))
    assert is_move(seat(7, restart_wanted_at=NOON - MINUTE, move_wanted_at=NOON))
    assert wanted_since(seat(7)) is None
