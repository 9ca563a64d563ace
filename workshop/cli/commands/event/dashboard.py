"""`workshop event dashboard`: the event while it runs, and who needs help."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError

from workshop.cli.commands.event.stack import event_of
from workshop.cli.commands.event.store import store_of
from workshop.cli.options import SANDBOX, AsJson, StackName, Users
from workshop.cli.problem import CannotRun
from workshop.cli.render.dashboard.source import Unanswered
from workshop.cli.render.dashboard.text import print_board
from workshop.cli.session import reporting_problems
from workshop.cli.stack import read_stack
from workshop.event.store.cached import Store
from workshop.event.store.requests import Outcome
from workshop.model.counting import elapsed
from workshop.model.event.board.document import Board
from workshop.model.event.requests import ENGINEER, Ask
from workshop.observe.clock import now

Once = Annotated[bool, typer.Option("--once", help="Print it once, as where nobody sits at a terminal.")]


def dashboard(users: Users = None, stack: StackName = SANDBOX, once: Once = False, as_json: AsJson = False) -> None:
    """Shows people, seats, queue, nodes and money as the keeper saw them last, and who needs help, sorted by need.

    In a terminal it is live: choose a seat, and restart, extend, save, end or move it, write to its terminals, or admit
    somebody from the door; the keeper does it at its next look. q leaves. It asks the event's store alone, and every
    figure is as old as it says.

    \b
    Examples:
      workshop event dashboard
      workshop event dashboard --once
      workshop event dashboard --json
    """
    with reporting_problems(stack, as_json=as_json) as screen:
        target = read_stack(stack, users)
        event = event_of(target)[0]
        with store_of(target) as store:
            if not (once or as_json) and screen.results.is_terminal and screen.can_ask:
                from workshop.cli.render.dashboard.app import Dashboard

                Dashboard(_Source(store), now).run()
                return
            board = store.boards.last()
        if board is None:
            raise CannotRun(f"The keeper has not looked at event {event.name} yet: run it with workshop event keep")
        if as_json:
            screen.results.print(board.model_dump_json(indent=2), soft_wrap=True)
        else:
            print_board(board, now(), screen.results)


class _Source:
    """The event's store, as the live dashboard asks it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def board(self) -> Board | None:
        """As Source has it."""
        with _answering():
            return self._store.boards.last()

    def waiting(self) -> Mapping[str, str]:
        """As Source has it."""
        with _answering():
            queue = self._store.room.queue()
        return {one.id: f"{one.name or one.email}, {elapsed(now() - one.came_at)} ago" for one in queue}

    def ask(self, action: Ask, seat: int | None, data: Mapping[str, object]) -> int:
        """As Source has it."""
        with _answering():
            return self._store.requests.ask(ENGINEER, action, now(), seat=seat, data=data)

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
