"""The board's figures; and what becomes of those that could not be seen."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from tests.model.event.board.scene import (
    ASKED,
    HOME,
    HOUR,
    MINUTE,
    NOON,
    START,
    board,
    facts,
    node,
    run,
    seat,
    stopped,
    workspace,
)
from workshop.model.event.board.compose import compose
from workshop.model.event.board.document import Board, NeedKind, Presence, Sample
from workshop.model.event.board.needs import SeatNotes
from workshop.model.event.world import Ending
from workshop.model.ledger import usd_per_hour
from workshop.model.plan.event import plan_event
from workshop.model.settings.section import given

TWO = (seat(1), seat(2))
RATE = usd_per_hour(run("i-1"), given(plan_event(ASKED)).volume_gib)


def cents(usd: Decimal) -> Decimal:
    return usd.quantize(Decimal("0.01"))


def test_counts_uptime_and_time_left() -> None:
    found = board((*TWO, seat(3, is_wanted=False, workspace_id=None)), (workspace(1), stopped(2, NOON - HOUR)))
    assert (found.phase, found.places, found.not_accepted) == ("running", 10, 1)
    assert found.states == {"ready": 1, "stopped": 1, "planned": 1}
    assert found.presence == {Presence.ACTIVE: 1, Presence.AWAY: 1, Presence.WAITING: 1}
    assert found.mean_uptime_minutes == 240
    assert found.left(NOON) == 2 * HOUR
    assert found.left(NOON + 3 * HOUR) is None


def test_an_event_without_people_has_a_board_too() -> None:
    found = board((), ())
    assert (found.seats, found.ends_at, found.mean_uptime_minutes, found.compute_hours) == ((), None, 0, 0)


def test_compute_hours_add_up_over_looks_whatever_starts_and_stops() -> None:
    first = board(TWO, (workspace(1), workspace(2)), now=START)
    assert first.compute_hours == 2
    second = board(TWO, (workspace(1), stopped(2, START + HOUR / 2)), now=START + HOUR, before=first)
    assert second.compute_hours == 3.5
    again = workspace(2, build=3, build_at=NOON - HOUR, started_at=NOON - HOUR)
    assert board(TWO, (workspace(1), again), before=second).compute_hours == 3.5 + 2 + 1


def test_hours_in_which_coder_was_away_are_counted_once_it_is_back() -> None:
    first = board(TWO, (workspace(1), workspace(2)), now=START)
    away = board(TWO, None, now=START + HOUR, before=first)
    assert away.compute_hours == first.compute_hours
    assert board(TWO, (workspace(1), workspace(2)), before=away).compute_hours == 8


def test_what_was_not_seen_stays_and_ages() -> None:
    first = board(TWO, (workspace(1, used_at=NOON - HOUR), workspace(2)), nodes=(node("i-1", 1, 2),))
    later = NOON + 5 * MINUTE
    found = board(TWO, None, now=later, nodes=None, notes={2: SeatNotes(hand_at=later)}, before=first)
    assert found.at == later
    assert found.seen_at == {
        "Coder": NOON,
        "Coder's provisioners": NOON,
        "Coder's proxies": NOON,
        f"cluster of {HOME}": NOON,
        f"EC2 in {HOME}": NOON,
    }
    assert found.problems == {"Coder": "it did not answer"}
    assert (found.nodes, found.provisioners, found.states) == (first.nodes, first.provisioners, first.states)
    assert found.proxies == {"primary": True, "us-west-2": True}
    assert [(one.seat, [need.kind for need in one.needs]) for one in found.seats] == [
        (2, [NeedKind.HAND]),
        (1, [NeedKind.IDLE]),
    ]
    lowered = board(TWO, None, now=later, before=found)
    assert [one.seat for one in lowered.needing_help] == [1], "a hand is known without Coder"


def test_a_first_board_without_coder() -> None:
    found = board(TWO, None, nodes=None)
    assert (found.seen_at, found.states, found.queue.waiting, found.provisioners) == ({}, {"planned": 2}, 0, {})


def test_the_queue_is_of_seats_builds_alone() -> None:
    waiting = {"status": "pending", "is_ready": False, "agents": ()}
    found = board(
        TWO, (workspace(1, build_at=NOON - MINUTE, **waiting), workspace(2, build_at=NOON - 2 * MINUTE, **waiting))
    )
    assert (found.queue.waiting, found.queue.oldest_at) == (2, NOON - 2 * MINUTE)


def test_a_node_is_as_full_as_the_fullest_that_was_seen_on_it() -> None:
    notes = {1: SeatNotes(disk_percent=40), 2: SeatNotes(disk_percent=41), 3: SeatNotes()}
    (first, second) = board(
        (*TWO, seat(3)),
        (workspace(1), workspace(2), workspace(3)),
        nodes=(node("i-1", 1, 2), node("i-2", 3, strangers=2)),
        runs=(run("i-1"),),
        notes=notes,
    ).nodes
    assert (first.disk_percent, first.seats, first.strangers, first.instance_type) == (41, 2, 0, "c6a.32xlarge")
    assert (second.disk_percent, second.seats, second.strangers, second.instance_type) == (None, 1, 2, "")


def test_a_nodes_rate_is_shared_by_the_seats_on_it() -> None:
    starting = workspace(2, is_ready=False, agents=())
    found = board(
        (seat(1), seat(2, ready_build=None), seat(3)),
        (workspace(1), starting, workspace(3)),
        nodes=(node("i-1", 1, 2, 3), node("i-2"), node("i-3", strangers=1)),
        runs=(run("i-1"), run("i-2"), run("i-3"), run("i-4", ended_at=NOON)),
    ).money
    assert found.usd_per_hour == cents(3 * RATE)
    assert found.usd_per_hour_by_state == {
        "ready": cents(RATE * 2 / 3),
        "starting": cents(RATE / 3),
        "empty": cents(RATE),
        "others": cents(RATE),
    }


def test_effective_rate_is_over_all_the_time_since_the_window_opened() -> None:
    found = board(TWO, (workspace(1), workspace(2)), runs=(run("i-1"),)).money
    assert found.spent == cents(RATE * 4)
    assert found.effective_usd_per_hour == cents(RATE * 4 / 27)
    assert found.around_the_clock_usd_per_hour == cents(given(plan_event(ASKED)).usd_per_hour)
    assert found.percent == int((RATE * 4 + RATE / 2) / 2)


def test_only_whole_nodes_that_early_finishers_have_freed_are_banked() -> None:
    done = (seat(1, finished_at=NOON - HOUR), seat(2))
    found = (stopped(1, NOON - HOUR), workspace(2))
    both = board(done, found, runs=(run("i-1"), run("i-2"))).money
    assert (both.early_finishers, both.freed_nodes, both.banked) == (1, 0, 0)
    freed = board(done, found, runs=(run("i-1", ended_at=NOON), run("i-2"))).money
    assert (freed.freed_nodes, freed.banked) == (1, cents(RATE * Decimal("2.5")))  # until 14:30, with the tail
    came = (run("i-1", ended_at=NOON), run("i-2"), run("i-3", launched_at=NOON))
    assert board(done, found, runs=came).money.banked == 0, "another has come in its place"


def test_what_ended_before_anybody_finished_is_not_banked() -> None:
    early = (run("i-0", launched_at=START - 20 * HOUR, ended_at=START - 19 * HOUR), run("i-1"))
    done = (seat(1, finished_at=NOON - HOUR), seat(2))
    assert board(done, (stopped(1, NOON), workspace(2)), runs=early).money.banked == 0
    ended_on_time = (seat(1, finished_at=START + 6 * HOUR),)
    assert board(ended_on_time, (), runs=(run("i-1", ended_at=NOON),)).money.early_finishers == 0


def test_the_phase_of_an_event_that_was_ended() -> None:
    assert board(TWO, (), ending=Ending(at=NOON, reason="ended by command")).phase == "ending"
    assert board(TWO, (), ending=Ending(at=NOON, reason="ended by command"), settled_at=NOON).phase == "settled"


def test_a_board_is_the_same_after_it_was_kept_and_a_sample_names_nobody() -> None:
    found = board(
        TWO, (workspace(1), workspace(2)), runs=(run("i-1"),), notes={1: SeatNotes(display="Ada", hand_at=NOON)}
    )
    assert Board.model_validate_json(found.model_dump_json()) == found
    sample = Sample.of(found)
    assert "Ada" not in sample.model_dump_json()
    assert (sample.hands, sample.needing_help, sample.nodes, sample.spent) == (1, 1, 0, found.money.spent)


def test_five_hundred_seats_are_composed_of_their_own_facts() -> None:
    numbers = range(1, 501)
    made = facts(tuple(map(seat, numbers)), tuple(map(workspace, numbers)))
    found = compose(made, compose(made, None))
    assert len(found.seats) == 500
    assert found.compute_hours == 2000
    assert len(found.model_dump_json()) < 400_000


def test_what_ran_is_not_counted_twice_where_two_boards_are_of_one_moment() -> None:
    first = board(TWO, (workspace(1), workspace(2)))
    assert board(TWO, (workspace(1), workspace(2)), before=first).compute_hours == first.compute_hours
    shifted = board(TWO, (workspace(1), workspace(2)), now=NOON - timedelta(seconds=5), before=first)
    assert shifted.compute_hours == first.compute_hours, "a clock that goes back takes nothing away"
