"""`workshop event room`: a code for people in the room who have no link."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from workshop.cli.commands.event.stack import event_of
from workshop.cli.commands.event.store import store_of
from workshop.cli.options import SANDBOX, StackName, Users
from workshop.cli.problem import CannotRun
from workshop.cli.render.message import print_message
from workshop.cli.session import reporting_problems
from workshop.cli.stack import read_stack
from workshop.model.counting import counted
from workshop.model.window.phases import moment
from workshop.observe.clock import now
from workshop.sandbox.pods.keeper import DOOR

Open = Annotated[
    int | None, typer.Option("--open", metavar="MINUTES", min=1, max=720, help="Open it with a new code for so long.")
]
Close = Annotated[bool, typer.Option("--close", help="Close it: its code works no more, who waits goes on waiting.")]


def room(users: Users = None, stack: StackName = SANDBOX, open_: Open = None, close: Close = False) -> None:
    """Opens the room to people without a link: its code, shown on the wall, gives a place in the queue.

    A helper lets them in, on the page of who waits. The code is shown once; opening the room again makes a new one.

    \b
    Examples:
      workshop event room --open 15
      workshop event room --close
    """
    with reporting_problems(stack) as screen:
        target = read_stack(stack, users)
        event = event_of(target)[0]
        if (open_ is None) != close:
            raise CannotRun("Say either --open MINUTES or --close.")
        with store_of(target) as store:
            number = len(store.room.queue())
            waiting = f"{counted(number, 'person', 'people')} {'is' if number == 1 else 'are'} waiting."
            if open_ is None:
                store.room.shut()
                print_message(screen.results, f"The room is closed; {waiting}")
                return
            until = now() + timedelta(minutes=open_)
            code = store.room.open(now(), until)
        host = None if event.join_host is None else f"https://{event.join_host}"
        where = f"{DOOR if target.is_sandbox else host or ''}/room"
        print_message(screen.results, f"Code {code}, at {where}, until {moment(until)}; {waiting}")
