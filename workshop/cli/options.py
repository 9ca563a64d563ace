"""Options that several commands take."""

from typing import Annotated, Final

import typer

SANDBOX: Final = "sandbox"
"""The stack that every command means unless it is told another."""

Users = Annotated[
    int | None, typer.Option("--users", min=1, metavar="N", help="How many people are coming; unset: as the last time.")
]
StackName = Annotated[str, typer.Option("--stack", metavar="NAME", help="Pulumi stack; anything but sandbox is real.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]
Yes = Annotated[bool, typer.Option("--yes", help="Don't ask; on a real stack --stack must name it as well.")]
