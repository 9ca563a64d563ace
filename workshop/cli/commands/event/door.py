"""`workshop event door`: the web page for people, where it does not run in a cluster."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Annotated, Final

import typer

from workshop.cli.commands.event.stack import event_of
from workshop.cli.commands.event.store import DATABASE, database_of, folder_of, store_of
from workshop.cli.options import SANDBOX, StackName, Users
from workshop.cli.problem import CannotRun
from workshop.cli.render.message import print_message
from workshop.cli.session import reporting_problems
from workshop.cli.stack import read_stack
from workshop.event.store.door_rights import grants
from workshop.model.event.door import DoorRequest
from workshop.model.event.keeper import control_plane
from workshop.sandbox.paths import SandboxPaths

ROLE: Final = "workshop_door"
"""The door's in PostgreSQL."""

Port = Annotated[int, typer.Option("--port", metavar="PORT", min=1, max=65535, help="On which it listens.")]
Sql = Annotated[bool, typer.Option("--sql", help="Print the SQL that makes the door's role, and end.")]


def door(users: Users = None, stack: StackName = SANDBOX, port: Port = 47880, sql: Sql = False) -> None:
    """Serves the event's page for people here, on this machine only and without TLS, until Ctrl+C.

    On a real stack the one in the cluster serves them. It has no right but to read some columns of the event's database
    and to write what people ask for: --sql prints that for PostgreSQL.

    \b
    Examples:
      workshop event door
      workshop event door --sql
    """
    with reporting_problems(stack) as screen:
        if sql:
            print(grants(ROLE), end="")  # noqa: T201 - to be piped into psql
            return
        target = read_stack(stack, users)
        event_of(target)
        paths = SandboxPaths.from_environment()
        coder = (
            f"{paths.aws_endpoint}/coder" if target.is_sandbox else f"https://{control_plane(target.settings).domain}"
        )
        origin = f"http://127.0.0.1:{port}"
        request = DoorRequest(settings=target.settings, origin=origin, coder_url=coder, port=port, is_loopback=True)
        with store_of(target):
            pass  # its tables are there
        print_message(
            screen.results, f"The door is open at {origin}: links lead there, as /i/ and their token. Ctrl+C ends it."
        )
        environment = {**os.environ, DATABASE: database_of(target)}
        command = [sys.executable, "-P", "-m", "workshop.event", "door", request.text()]
        try:
            done = subprocess.run(command, env=environment, cwd=folder_of(target), check=False)
        except KeyboardInterrupt:  # is how it ends
            return
        if done.returncode:
            raise CannotRun(f"The door could not be opened, or was closed: is port {port} in use? Try --port.")
