"""`workshop sandbox start`, `stop`, `status` and `reset`: the server behind the sandbox, and its data."""

from typing import Annotated

import typer

from workshop.cli.options import SANDBOX
from workshop.cli.problem import CannotRun
from workshop.cli.session import reporting_problems
from workshop.sandbox import lifecycle
from workshop.sandbox.clusters import lifecycle as clusters
from workshop.sandbox.erase import erase
from workshop.sandbox.paths import SandboxPaths

Confirm = Annotated[
    str, typer.Option("--confirm", metavar="WORD", help="The word to type, for when nobody can be asked.")
]


def start() -> None:
    """Starts the sandbox's server; the other commands do so by themselves.

    \b
    Examples:
      workshop sandbox start
    """
    with reporting_problems() as screen:
        paths = SandboxPaths.from_environment()
        with screen.working("Starting the sandbox"):
            server = lifecycle.ensure_running(paths)
        screen.results.print(
            f"The sandbox runs on {paths.aws_endpoint} (process {server.pid}), its data is in {paths.folder}."
        )


def stop() -> None:
    """Stops the sandbox's server, and its API servers if it has any; its data stays.

    \b
    Examples:
      workshop sandbox stop
    """
    with reporting_problems() as screen:
        paths = SandboxPaths.from_environment()
        had_api_servers = clusters.stop(paths)
        stopped = lifecycle.stop(paths) or had_api_servers
        what = "The sandbox has stopped" if stopped else "The sandbox did not run"
        screen.results.print(f"{what}; its data stays in {paths.folder}.")


def status() -> None:
    """Tells whether the sandbox's server runs, and where.

    \b
    Examples:
      workshop sandbox status
    """
    with reporting_problems() as screen:
        paths = SandboxPaths.from_environment()
        server = lifecycle.status(paths)
        if server is None:
            screen.results.print(f"The sandbox does not run; its data is in {paths.folder}.")
        else:
            since = server.started_at.astimezone().strftime("%Y-%m-%d %H:%M %Z")
            screen.results.print(
                f"The sandbox runs on {paths.aws_endpoint} (process {server.pid}, since {since}), "
                f"its data is in {paths.folder}."
            )


def reset(confirm: Confirm = "") -> None:
    """Deletes everything the sandbox holds, what `destroy` leaves included. Asks for a word to be typed.

    \b
    Examples:
      workshop sandbox reset
      workshop sandbox reset --confirm sandbox
    """
    with reporting_problems() as screen:
        paths = SandboxPaths.from_environment()
        if not paths.folder.exists():
            screen.results.print(f"There is nothing to delete: {paths.folder} does not exist.")
            return
        word = confirm or screen.ask(f"Everything in {paths.folder} will be deleted. Type {SANDBOX} to continue:")
        if word != SANDBOX:
            raise CannotRun(f"Nothing was deleted: that takes the word {SANDBOX}, typed or as --confirm {SANDBOX}.")
        erase(paths)
        screen.results.print("The sandbox is empty. Next: scripts/workshop up --users 20")
