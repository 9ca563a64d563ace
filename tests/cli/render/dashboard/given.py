"""A source that answers what a test tells it to, and boards to show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Event

from tests.model.event.board.scene import FINE, MINUTE, NOON, board, node, run, seat, stopped, workspace
from workshop.cli.render.dashboard.source import Unanswered
from workshop.event.store.requests import Outcome
from workshop.model.event.board.document import Board
from workshop.model.event.board.needs import SeatNotes
from workshop.model.event.requests import Ask


def some_board(now: datetime = NOON) -> Board:
    """Of six seats: a hand, a lost agent, one that was stopped, and three in which people work."""
    lost = workspace(43, agents=(replace(FINE, status="disconnected"),))
    return board(
        tuple(map(seat, (1, 2, 3, 27, 43, 44))),
        (workspace(1), workspace(2), workspace(3), workspace(27), lost, stopped(44, NOON - 9 * MINUTE)),
        now=now,
        nodes=(node("i-1", 1, 2, 3), node("i-2", 27, 43)),
        runs=(run("i-1"), run("i-2")),
        notes={
            27: SeatNotes(display="Ada Lovelace", hand_at=NOON - 4 * MINUTE, hand_text="which file is it?"),
            3: SeatNotes(disk_percent=61, disk_at=NOON),
        },
    )


@dataclass
class Told:
    """asked: what was. hangs: set to let a call of board go on. problem: why nothing answers."""

    shown: Board | None
    problem: str = ""
    asked: list[tuple[Ask, int | None, Mapping[str, object]]] = field(
        default_factory=list[tuple[Ask, int | None, Mapping[str, object]]]
    )
    queue: Mapping[str, str] = field(default_factory=dict[str, str])
    hangs: Event | None = None

    def board(self) -> Board | None:
        if self.hangs is not None:
            self.hangs.wait()
        self._answer()
        return self.shown

    def waiting(self) -> Mapping[str, str]:
        self._answer()
        return self.queue

    def ask(self, action: Ask, seat: int | None, data: Mapping[str, object]) -> int:
        self._answer()
        self.asked.append((action, seat, data))
        return len(self.asked)

    def outcome(self, number: int) -> Outcome | None:
        return None

    def _answer(self) -> None:
        if self.problem:
            raise Unanswered(self.problem)
