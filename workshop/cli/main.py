"""The `workshop` command: which commands there are, and how the process ends."""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, NoReturn

import typer
from typer._click.exceptions import ClickException

from workshop import __version__
from workshop.cli.lazy import Commands, LazyGroup
from workshop.cli.problem import INTERRUPTED
from workshop.observe.project import VARIABLE

_INTERRUPTED: Final = 130
"""Typer's exit code where Ctrl-C ends a command before it could say so itself."""


class _Workshop(LazyGroup):
    lazy_commands: ClassVar[Commands] = {
        "status": ("workshop.cli.commands.status:status", "Show what is deployed, the phase, and what to do next."),
        "plan": ("workshop.cli.commands.plan:plan", "Show what so many users need, and what the phase means."),
        "preview": ("workshop.cli.commands.preview:preview", "Show what `up` would change, or why it would refuse."),
        "gate": ("workshop.cli.commands.gate:gate", "Judge what `up` would declare, and write reports for CI."),
        "preflight": ("workshop.cli.commands.preflight:preflight", "Look at what really runs: go or no-go."),
        "rehearse": ("workshop.cli.commands.rehearse:rehearse", "Play everybody's arrival on real schedulers here."),
        "checklist": ("workshop.cli.commands.checklist:checklist", "Print the runbook: done, due, or by hand."),
        "calendar": (
            "workshop.cli.commands.calendar:calendar",
            "Show the workshops to come, and what is due before each.",
        ),
        "up": ("workshop.cli.commands.up:up", "Make everything ready for so many users, or refuse."),
        "destroy": ("workshop.cli.commands.destroy:destroy", "Release what the workshop took; show what stays."),
        "outputs": ("workshop.cli.commands.outputs:outputs", "Show what the last `up` exported."),
        "diff": ("workshop.cli.commands.diff:diff", "Print, as Markdown, what a change between two commits means."),
        "images": ("workshop.cli.commands.images.group:app", "Images, from their source to the clusters, by digest."),
        "dns": ("workshop.cli.commands.dns.group:app", "Zone files, and what resolvers answer."),
        "event": ("workshop.cli.commands.event.group:app", "Seats, time and money of the people's part of a workshop."),
        "monitoring": ("workshop.cli.commands.monitoring.group:app", "Alert rules, and what is measured."),
        "sandbox": ("workshop.cli.commands.sandbox.group:app", "The server behind the sandbox, and its data."),
    }

    def main(self, args: Sequence[str] | None = None, *arguments: Any, **extra: Any) -> NoReturn:  # noqa: ANN401
        """Ends with the command's exit code. Wrong options are reported as JSON as well where --json asks for it."""
        given = sys.argv[1:] if args is None else [*args]
        try:
            extra["standalone_mode"] = False
            code = super().main(given, *arguments, **extra)
        except ClickException as error:
            error.show()
            if "--json" in given:
                typer.echo(json.dumps({"exit_code": error.exit_code, "error": error.format_message()}, indent=2))
            code = error.exit_code
        if code == _INTERRUPTED:
            typer.echo(f"Could not run: {INTERRUPTED}", err=True)
            code = 2
        sys.exit(code)


app = typer.Typer(
    cls=_Workshop,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done, 1 refused, 2 could not run. Completion of commands and options in your shell: "
    "--install-completion. More: docs/commands.md",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _show_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"workshop {__version__}")
        raise typer.Exit


def _use_project(folder: Path | None) -> None:
    if folder is not None:
        os.environ[VARIABLE] = str(folder.resolve())  # for the processes that a command starts as well


Version = Annotated[bool, typer.Option("--version", is_eager=True, callback=_show_version, help="Show the version.")]
Project = Annotated[
    Path | None,
    typer.Option(
        "--project",
        "-C",
        metavar="DIR",
        callback=_use_project,
        help="Folder of the Pulumi project; unset: the nearest one from the current folder upwards.",
    ),
]


@app.callback()
def workshop(version: Version = False, project: Project = None) -> None:
    """Makes ai.coder.com ready for a workshop of so many people, or refuses and says why.

    \b
    Examples:
      workshop up --users 20        in the sandbox, on this machine only
      workshop status               what is deployed, and what to do next
      workshop preview --stack workshop --users 20
    """


def main() -> NoReturn:
    """Runs the command line and ends the process with its exit code.

    Nothing is collected or torn down on the way out: the SDKs make so many objects that this would take a quarter of a
    preview's time, and the kernel frees them anyway (docs/performance.md).
    """
    gc.disable()
    os.environ.setdefault("GRPC_VERBOSITY", "ERROR")  # or it logs how its connections end
    code: object = 0
    try:
        for number in (signal.SIGINT, signal.SIGTERM):  # both end a command with a message
            signal.signal(number, signal.default_int_handler)
        app(prog_name="workshop")
    except SystemExit as ending:
        code = ending.code
    except KeyboardInterrupt:  # before Typer looks out for it, or after
        typer.echo(f"Could not run: {INTERRUPTED}", err=True)
        code = 2
    for stream in (sys.stdout, sys.stderr):
        with suppress(BrokenPipeError):  # whoever read it has seen enough
            stream.flush()
    os._exit(code if isinstance(code, int) else 0)
