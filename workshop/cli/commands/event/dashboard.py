"""`workshop event dashboard`: the event while it runs, and who needs help."""

from __future__ import annotations

from typing import Annotated

import typer

from workshop.cli.commands.event.stack import event_of
from workshop.cli.commands.event.store import store_of
from workshop.cli.options import SANDBOX, AsJson, StackName, Users
from workshop.cli.problem import CannotRun
from workshop.cli.render.dashboard.source import StoreSource
from workshop.cli.render.dashboard.text import print_board
from workshop.cli.session import reporting_problems
from workshop.cli.stack import read_stack
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

                Dashboard(StoreSource(store, now), now).run()
                return
            board = store.boards.last()
        if board is None:
            raise CannotRun(f"The keeper has not looked at event {event.name} yet: run it with workshop event keep")
        if as_json:
            screen.results.print(board.model_dump_json(indent=2), soft_wrap=True)
        else:
            print_board(board, now(), screen.results)
