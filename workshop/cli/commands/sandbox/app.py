"""`workshop sandbox`: the server behind the sandbox, and its data."""

from typing import Annotated

import typer

from workshop.cli.commands.sandbox import clusters as sandbox_clusters
from workshop.cli.commands.sandbox.attach import attach
from workshop.cli.options import SANDBOX

app = typer.Typer(help="The server behind the sandbox, and its data.", no_args_is_help=True, rich_markup_mode=None)
app.command()(attach)
app.add_typer(sandbox_clusters.app, name="clusters")

Confirm = Annotated[
    str, typer.Option("--confirm", metavar="WORD", help="The word to type, for when nobody can be asked.")
]


@app.command()
def start() -> None:
    """Starts the sandbox's server; the other commands do so by themselves."""
    from workshop.cli.answer import conversation
    from workshop.sandbox.lifecycle import ensure_running
    from workshop.sandbox.paths import SandboxPaths

    with conversation() as screen:
        paths = SandboxPaths.from_environment()
        with screen.working("Starting the sandbox"):
            server = ensure_running(paths)
        screen.results.print(
            f"The sandbox runs on {paths.aws_endpoint} (process {server.pid}), its data is in {paths.folder}."
        )


@app.command()
def stop() -> None:
    """Stops the sandbox's server, and its API servers if it has any; its data stays."""
    from workshop.cli.answer import conversation
    from workshop.sandbox import lifecycle
    from workshop.sandbox.clusters import lifecycle as clusters
    from workshop.sandbox.paths import SandboxPaths

    with conversation() as screen:
        paths = SandboxPaths.from_environment()
        had_api_servers = clusters.stop(paths)
        stopped = lifecycle.stop(paths) or had_api_servers
        what = "The sandbox has stopped" if stopped else "The sandbox did not run"
        screen.results.print(f"{what}; its data stays in {paths.folder}.")


@app.command()
def status() -> None:
    """Tells whether the sandbox's server runs, and where."""
    from workshop.cli.answer import conversation
    from workshop.sandbox import lifecycle
    from workshop.sandbox.paths import SandboxPaths

    with conversation() as screen:
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


@app.command()
def reset(confirm: Confirm = "") -> None:
    """Deletes everything the sandbox holds, what `destroy` leaves included. Asks for a word to be typed."""
    from workshop.cli.answer import conversation
    from workshop.cli.problem import CannotRun
    from workshop.sandbox.erase import erase
    from workshop.sandbox.paths import SandboxPaths

    with conversation() as screen:
        paths = SandboxPaths.from_environment()
        if not paths.folder.exists():
            screen.results.print(f"There is nothing to delete: {paths.folder} does not exist.")
            return
        word = confirm or screen.ask(f"Everything in {paths.folder} will be deleted. Type {SANDBOX} to go on:")
        if word != SANDBOX:
            raise CannotRun(f"Nothing was deleted: that takes the word {SANDBOX}, typed or as --confirm {SANDBOX}.")
        erase(paths)
        screen.results.print("The sandbox is empty. Next: scripts/workshop up --users 20")
