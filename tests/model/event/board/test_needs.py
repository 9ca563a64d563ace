"""Who needs help, and why; and who is there at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.model.event.board.scene import (
    FINE,
    HOUR,
    MAIN,
    MINUTE,
    NOON,
    START,
    board,
    kinds,
    only,
    seat,
    stopped,
    workspace,
)
from workshop.model.event.board.document import NeedKind, Presence
from workshop.model.event.board.needs import DISK_PERCENT, SeatNotes
from workshop.model.event.receipts import Receipt, Result
from workshop.model.event.seats import Span
from workshop.model.event.world import Workspace

LOST = replace(FINE, status="disconnected", connected_at=NOON - 4 * MINUTE)


def test_a_seat_in_which_somebody_works_needs_nobody() -> None:
    found = only(seat(7), workspace(7))
    assert (found.state, found.presence, found.needs) == ("ready", Presence.ACTIVE, ())


@pytest.mark.parametrize(
    ("found", "kind", "text"),
    [
        (workspace(7, agents=(LOST,)), NeedKind.AGENT_LOST, "agent main has lost its connection"),
        (
            workspace(7, agents=(replace(FINE, status="timeout", connected_at=None),)),
            NeedKind.AGENT_LOST,
            "agent main never connected",
        ),
        (
            workspace(7, agents=(replace(FINE, lifecycle_state="start_error"),)),
            NeedKind.SCRIPT_FAILED,
            "the start script of agent main ended with an error",
        ),
        (
            workspace(7, agents=(replace(FINE, lifecycle_state="start_timeout"),)),
            NeedKind.SCRIPT_FAILED,
            "the start script of agent main takes longer than it may",
        ),
        (
            workspace(7, agents=(replace(FINE, unhealthy_apps=("jupyter",)),)),
            NeedKind.APP,
            "app jupyter does not answer its check",
        ),
        (
            workspace(7, status="failed", is_ready=False, failure="terraform apply: exit status 1", agents=()),
            NeedKind.BUILD_FAILED,
            "terraform apply: exit status 1",
        ),
        (stopped(7, NOON - HOUR), NeedKind.STOPPED, "was stopped before its time"),
        (workspace(7, used_at=NOON - 20 * MINUTE), NeedKind.IDLE, "no activity"),
    ],
    ids=lambda value: value.value if isinstance(value, NeedKind) else "",
)
def test_what_coder_says_is_wrong(found: Workspace, kind: NeedKind, text: str) -> None:
    needs = only(seat(7), found).needs
    assert [(need.kind, need.text) for need in needs] == [(kind, text)]


@pytest.mark.parametrize(
    ("notes", "kind"),
    [
        (SeatNotes(hand_at=NOON - MINUTE, hand_text="stuck"), NeedKind.HAND),
        (SeatNotes(disk_percent=DISK_PERCENT, disk_at=NOON), NeedKind.DISK),
        (SeatNotes(key_problem="its share of models is spent"), NeedKind.KEY),
    ],
    ids=lambda value: value.value if isinstance(value, NeedKind) else "",
)
def test_what_else_is_known(notes: SeatNotes, kind: NeedKind) -> None:
    assert kinds(only(seat(7), workspace(7), notes={7: notes})) == [kind]


def test_work_that_was_not_saved() -> None:
    receipt = Receipt(
        seat=7, workspace_id="w7", build_number=1, at=NOON, result=Result.REFUSED, reason="more than 512 MiB"
    )
    (need,) = only(seat(7), workspace(7), receipts=(receipt,)).needs
    assert (need.kind, need.text, need.since) == (
        NeedKind.UNSAVED,
        "its work was not saved: more than 512 MiB",
        NOON,
    )


def test_who_was_given_up_after_three_failures() -> None:
    given_up = seat(7, failures=3, workspace_id=None, ready_build=None)
    (need,) = only(given_up, None, notes={7: SeatNotes(problem="exit status 1")}).needs
    assert (need.kind, need.text) == (
        NeedKind.GAVE_UP,
        "failed 3 times and is not tried again: exit status 1",
    )


def test_who_is_late_and_who_has_not_come_are_different() -> None:
    late = only(seat(7, workspace_id=None, ready_build=None), None)
    assert (late.presence, kinds(late)) == (Presence.MISSING, [NeedKind.LATE])
    nobody = only(seat(7), workspace(7, used_at=MAIN.starts_at))
    assert (nobody.presence, kinds(nobody)) == (Presence.MISSING, [NeedKind.MISSING])


@pytest.mark.parametrize(
    ("minutes", "presence", "needs"),
    [(-1, Presence.WAITING, []), (0, Presence.MISSING, []), (15, Presence.MISSING, [NeedKind.MISSING])],
)
def test_nobody_is_missing_before_the_start_nor_looked_for_at_once(
    minutes: int, presence: Presence, needs: list[NeedKind]
) -> None:
    found = only(seat(7), workspace(7, used_at=MAIN.starts_at), now=START + minutes * MINUTE)
    assert (found.presence, kinds(found)) == (presence, needs)


def test_who_tried_a_seat_the_day_before_has_not_come_yet() -> None:
    early = Span(starts_at=START - 24 * HOUR, ends_at=MAIN.starts_at, hours=HOUR)
    found = workspace(7, created_at=early.starts_at, used_at=early.starts_at + HOUR)
    assert only(seat(7, spans=(early, MAIN)), found).presence is Presence.MISSING


def test_who_has_finished_or_may_not_come_is_not_missed() -> None:
    done = only(seat(7, finished_at=NOON - HOUR), stopped(7, NOON - HOUR))
    assert (done.presence, done.needs) == (Presence.FINISHED, ())
    assert only(seat(7, is_wanted=False, workspace_id=None), None).presence is Presence.WAITING
    over = only(seat(7), stopped(7, START + 5 * HOUR), now=START + 6 * HOUR)
    assert (over.presence, over.needs) == (Presence.AWAY, ())


def test_a_seat_that_is_begun_again_was_not_stopped_early() -> None:
    assert kinds(only(seat(7, restart_wanted_at=NOON - HOUR), stopped(7, NOON - HOUR))) == []


def test_what_still_runs_past_its_end_is_late() -> None:
    assert NeedKind.LATE in kinds(only(seat(7), workspace(7), now=START + 5 * HOUR + 11 * MINUTE))


def test_the_most_urgent_and_then_the_longest_waiting_come_first() -> None:
    notes = {
        2: SeatNotes(hand_at=NOON - MINUTE),
        3: SeatNotes(hand_at=NOON - timedelta(seconds=90), disk_percent=95),
    }
    found = board(
        tuple(seat(number) for number in (1, 2, 3, 4, 5)),
        (
            workspace(1),
            workspace(2, used_at=NOON - HOUR),
            workspace(3),
            workspace(4, agents=(LOST,)),
            workspace(5, used_at=NOON - HOUR),
        ),
        notes=notes,
    )
    assert [one.seat for one in found.seats] == [3, 2, 4, 5, 1]
    assert kinds(found.seats[0]) == [NeedKind.HAND, NeedKind.DISK]
    assert kinds(found.seats[1]) == [NeedKind.HAND, NeedKind.IDLE]
    assert [one.seat for one in found.needing_help] == [3, 2, 4, 5]
    assert found.hands == 2
