"""Options that several commands take."""

import re
from typing import Annotated, Final

import typer

_SHOWN: Final = 40

SANDBOX: Final = "sandbox"
"""The stack of every command, unless --stack names another."""

MOST_USERS: Final = 100_000
"""What the setting takes at most (workshop/model/settings/stack.py, not imported for every --help)."""


def _users(text: str) -> int:
    if not re.fullmatch("[0-9]{1,9}", text) or not 1 <= int(text) <= MOST_USERS:
        found = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
        raise typer.BadParameter(f"{found!r}: must be a whole number from 1 to {MOST_USERS}, such as --users 20")
    return int(text)


Users = Annotated[
    int | None,
    typer.Option("--users", parser=_users, metavar="N", help="How many people are coming; unset: as the last time."),
]
StackName = Annotated[str, typer.Option("--stack", metavar="NAME", help="Pulumi stack; anything but sandbox is real.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]
Yes = Annotated[bool, typer.Option("--yes", help="Don't ask; on a real stack --stack must name it as well.")]
