"""Where the live dashboard has its board from, and who does what is asked for."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError

from workshop.event.store.cached import Store
from workshop.event.store.requests import Outcome
from workshop.model.counting import elapsed
from workshop.model.event.board.document import Board
from workshop.model.event.requests import ENGINEER, Ask


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


class StoreSource:
    """The event's store, as the live dashboard asks it."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    def board(self) -> Board | None:
        """As Source has it."""
        with _answering():
            return self._store.boards.last()

    def waiting(self) -> Mapping[str, str]:
        """As Source has it."""
        with _answering():
            queue = self._store.room.queue()
        return {one.id: f"{one.name or one.email}, {elapsed(self._clock() - one.came_at)} ago" for one in queue}

    def ask(self, action: Ask, seat: int | None, data: Mapping[str, object]) -> int:
        """As Source has it."""
        with _answering():
            return self._store.requests.ask(ENGINEER, action, self._clock(), seat=seat, data=data)

    def outcome(self, number: int) -> Outcome | None:
        """As Source has it."""
        with _answering():
            return self._store.requests.outcome(number)


@contextmanager
def _answering() -> Generator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        raise Unanswered(str(error).splitlines()[0]) from None
