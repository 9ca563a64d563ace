"""`workshop event bind`: gives a seat the account of somebody whose address the roster does not have."""

from __future__ import annotations

from typing import Annotated

import typer
from pydantic import ValidationError

from workshop.cli.commands.event.changes import asking
from workshop.cli.commands.event.start import Seat
from workshop.cli.options import SANDBOX, StackName, Users
from workshop.cli.problem import CannotRun
from workshop.model.event.requests import ENGINEER, Ask
from workshop.model.event.roster.person import Person, problems_of
from workshop.model.event.seats import workspace_name

Account = Annotated[str, typer.Option("--account", metavar="NAME", help="Their username in Coder.")]


def bind(seat: Seat, account: Account, users: Users = None, stack: StackName = SANDBOX) -> None:
    """Has the keeper give a seat to an account in Coder, for who was invited without an address, or has another there.

    \b
    Examples:
      workshop event bind --seat 7 --account ada
    """
    with asking(users, stack) as asked:
        asked.check_seat(seat)
        try:
            Person.model_validate({"account": account})
        except ValidationError as error:
            raise CannotRun(f"--account can't be used: {'; '.join(problems_of(error))}") from None
        asked.store.requests.ask(ENGINEER, Ask.BIND, asked.now, seat=seat, data={"account": account})
        asked.say_done(f"{workspace_name(seat)} gets the account at the keeper's next look.")
