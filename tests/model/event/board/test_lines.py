"""The board in words: what stands first, how old it is, and what was not seen."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.model.event.board.scene import HOUR, MINUTE, NOON, START, board, node, run, seat, stopped, workspace
from workshop.model.counting import elapsed
from workshop.model.event.board.lines import age, details, headline, summary, waits, warnings, why
from workshop.model.event.board.needs import SeatNotes
from workshop.model.event.world import Ending

TWO, BOTH = (seat(1), seat(2)), (workspace(1), workspace(2))


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-1, "0 s"), (59, "59 s"), (60, "1 min"), (3599, "59 min"), (3600, "1 h 0 min"), (86_400 * 2 + 7200, "2 d 2 h")],
)
def test_times_are_short(seconds: int, said: str) -> None:
    assert elapsed(timedelta(seconds=seconds)) == said


def test_where_it_stands_and_what_is_left() -> None:
    assert headline(board(TWO, BOTH), NOON) == "october: running, 2 h 0 min left, until 2026-12-01 14:00 UTC"
    early = board(TWO, (), now=START - 2 * HOUR)
    assert headline(early, early.at) == "october: announced, starts 2026-12-01 09:00 UTC, in 2 h 0 min"
    over = board(TWO, (), ending=Ending(at=NOON, reason="ended"), settled_at=NOON)
    assert headline(over, NOON) == "october: settled"


def test_a_silent_keeper_is_named_unless_all_is_over() -> None:
    found = board(TWO, BOTH)
    assert age(found, NOON + 2 * MINUTE) == "seen 2 min ago"
    assert age(found, NOON + 3 * MINUTE) == "seen 3 min ago: the keeper is silent, and nothing is done"
    over = board(TWO, (), ending=Ending(at=NOON, reason="ended"), settled_at=NOON)
    assert age(over, NOON + 72 * HOUR) == "seen 3 d 0 h ago"


def test_what_there_is_to_know_at_a_glance() -> None:
    waiting = workspace(2, status="pending", is_ready=False, agents=(), build_at=NOON - MINUTE)
    found = board(
        (seat(1, finished_at=NOON - HOUR), seat(2, ready_build=None), seat(3, is_wanted=False, workspace_id=None)),
        (stopped(1, NOON - HOUR), waiting),
        nodes=(node("i-2", 2, strangers=1), node("i-3")),
        runs=(run("i-1", ended_at=NOON - MINUTE), run("i-2"), run("i-3")),
        notes={2: SeatNotes(disk_percent=50, disk_at=NOON)},
    ).model_copy(update={"at_the_door": 2, "proxies": {"primary": True, "us-west-2": False}})
    said = summary(found, NOON)
    assert said["People"].endswith("1 finished, 1 waiting; of 10 seats; 1 not accepted; 2 at the door, to be admitted")
    assert said["Queue"] == "1 build waiting, the first one for 1 min; provisioners: 1 busy, 2 idle"
    assert said["Proxies"] == "1 of 2 healthy; not us-west-2"
    assert said["Nodes"] == "2 in us-east-2; 1 with others' work; fullest disk 50 %"
    assert said["By state"] == "empty 4.92, starting 4.92 USD/h"
    assert said["Banked"] == "12.38 USD by the planned end: 1 node freed by 1 early finisher"


def test_what_was_not_seen_is_named_with_its_age() -> None:
    found = board(TWO, None, now=NOON + 5 * MINUTE, before=board(TWO, BOTH))
    assert warnings(found, NOON + 5 * MINUTE) == ("Coder (seen 5 min ago): it did not answer",)
    assert warnings(board(TWO, None), NOON) == ("Coder: it did not answer",)


def test_a_seats_own_facts() -> None:
    notes = {1: SeatNotes(display="Ada", hand_at=NOON - MINUTE, disk_percent=50, disk_at=NOON)}
    found = board((seat(1),), (workspace(1),), notes=notes).seats[0]
    assert details(found, NOON) == {
        "Seat": "workshop-01, Ada",
        "State": "ready, its person active, in us-east-2",
        "Ends": "2026-12-01 14:00 UTC",
        "Runs for": "4 h 0 min, build 1",
        "Used": "1 min ago",
        "Saved": "not yet",
        "Disk": "50 % used, seen 0 s ago",
    }
    assert (why(found), waits(found, NOON)) == ("raised a hand", "1 min")
