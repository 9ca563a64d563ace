"""Where the live dashboard has its board from, and who does what is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from workshop.event.store.requests import Outcome
from workshop.model.event.board.document import Board
from workshop.model.event.requests import Ask


class Unanswered(Exception):
    """The source did not answer; its text says why."""


class Source(Protocol):
    """Each method raises Unanswered. They are called from several threads."""

    def board(self) -> Board | None:
        """The keeper's last one; None before its first look."""
        ...

    def waiting(self) -> Mapping[str, str]:
        """Who waits at the door, by the id of an admission: how they are called, and since when."""
        ...

    def ask(self, action: Ask, seat: int | None, data: Mapping[str, object]) -> int:
        """Has the keeper do something; answers its number."""
        ...

    def outcome(self, number: int) -> Outcome | None:
        """What became of it; None while nobody has looked at it."""
        ...
