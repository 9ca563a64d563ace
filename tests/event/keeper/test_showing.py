"""What is asked beside the looks, how often, and what stays when it is not answered."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

from tests.model.event.board.scene import ASKED, MINUTE, NOON, facts, seat, workspace
from workshop.event.failure import EventFailure
from workshop.event.keeper.showing import KEYS, MEASURES_AT_A_LOOK, Showing
from workshop.event.store.cached import CachedStore, Store, opened
from workshop.event.store.records import SeatRecord
from workshop.model.event.board.document import Board, NeedKind
from workshop.model.event.world import Pod

SEATS = MEASURES_AT_A_LOOK + 5


@dataclass
class Asked:
    """Pods and LiteLLM. problem: why they do not answer. looked, listed: what they were asked."""

    percent: int = 40
    problem: str = ""
    looked: list[str] = field(default_factory=list[str])
    listed: int = 0

    def measure(self, pod: Pod) -> int:
        self.looked.append(pod.name)
        if self.problem:
            raise EventFailure(self.problem)
        return self.percent

    def problems(self, aliases: set[str], now: datetime) -> dict[str, str]:
        self.listed += 1
        if self.problem:
            raise EventFailure(self.problem)
        return {"key-1": "its key of models is blocked"}


@pytest.fixture
def store(tmp_path: Path) -> Generator[Store]:
    with opened(f"sqlite:///{tmp_path / 'event.db'}", "october") as found:
        found.records.add_seats(
            [SeatRecord(seat=n, email=None, name=f"Person {n}", key_alias=f"key-{n}") for n in range(1, SEATS + 1)]
        )
        yield found


@dataclass
class Shown:
    """A keeper's part of it."""

    store: Store
    asked: Asked
    file: Path

    def __post_init__(self) -> None:
        self.memory = CachedStore(self.store, ASKED, self.file)
        self.generation = self.store.records.take_over(NOON)
        self.showing = Showing(ASKED, self.store, self.memory, self.asked.measure, self.asked)  # pyright: ignore[reportArgumentType]

    def look(self, now: datetime) -> Board:
        numbers = range(1, SEATS + 1)
        seen = facts(tuple(map(seat, numbers)), tuple(map(workspace, numbers)), now=now)
        self.memory.recall(self.generation, now)
        self.showing.keep(seen.kept, seen.seen, {})
        board = self.store.boards.last()
        assert board is not None
        return board


@pytest.fixture
def shown(store: Store, tmp_path: Path) -> Generator[Shown]:
    made = Shown(store, Asked(), tmp_path / "journal")
    yield made
    made.showing.close()


def test_each_pod_is_measured_every_five_minutes_and_not_all_at_once(shown: Shown) -> None:
    shown.look(NOON)
    assert len(shown.asked.looked) == MEASURES_AT_A_LOOK
    board = shown.look(NOON + MINUTE / 4)
    assert len(shown.asked.looked) == len({*shown.asked.looked}) == SEATS
    assert {one.disk_percent for one in board.seats} == {40}
    shown.look(NOON + 4 * MINUTE)
    assert len(shown.asked.looked) == SEATS
    shown.look(NOON + 5 * MINUTE)
    assert len(shown.asked.looked) == SEATS + MEASURES_AT_A_LOOK


def test_a_full_disk_and_a_key_that_does_not_serve_need_somebody(shown: Shown) -> None:
    shown.asked.percent = 97
    first = next(one for one in shown.look(NOON).seats if one.seat == 1)
    assert [need.kind for need in first.needs] == [NeedKind.DISK, NeedKind.KEY]
    assert [need.text for need in first.needs][1] == "its key of models is blocked"


def test_what_was_answered_last_stays_until_it_is_again(shown: Shown) -> None:
    shown.look(NOON)
    shown.asked.problem = "it did not answer"
    board = shown.look(NOON + 6 * MINUTE)
    first = next(one for one in board.seats if one.seat == 1)
    assert (first.disk_percent, first.disk_at) == (40, NOON)
    assert [need.kind for need in first.needs] == [NeedKind.KEY]
    assert board.problems == {KEYS: "it did not answer"}


def test_keys_are_listed_once_a_minute(shown: Shown) -> None:
    for quarter in range(5):
        shown.look(NOON + quarter * MINUTE / 4)
    assert shown.asked.listed == 2


def test_a_new_keeper_shows_what_the_one_before_measured(shown: Shown, tmp_path: Path) -> None:
    shown.look(NOON)
    again = Shown(shown.store, Asked(problem="it did not answer"), tmp_path / "again")
    first = next(one for one in again.look(NOON + MINUTE).seats if one.seat == 1)
    assert (first.disk_percent, first.disk_at) == (40, NOON)
    again.showing.close()
