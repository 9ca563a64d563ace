"""The `workshop` command: which commands there are, and how the process ends."""

from __future__ import annotations

import gc
import os
import signal
import sys
from contextlib import suppress
from typing import ClassVar, NoReturn

import typer

from workshop.cli.lazy import Commands, LazyGroup


class _Workshop(LazyGroup):
    lazy_commands: ClassVar[Commands] = {
        "plan": ("workshop.cli.commands.plan:plan", "Show what so many users need, and what the phase means."),
        "preview": ("workshop.cli.commands.preview:preview", "Show what `up` would change, or why it would refuse."),
        "gate": ("workshop.cli.commands.gate:gate", "Judge what `up` would declare, and write reports for CI."),
        "preflight": ("workshop.cli.commands.preflight:preflight", "Look at what really runs: go or no-go."),
        "checklist": ("workshop.cli.commands.checklist:checklist", "Print the runbook: done, due, or by hand."),
        "up": ("workshop.cli.commands.up:up", "Make everything ready for so many users, or refuse."),
        "destroy": ("workshop.cli.commands.destroy:destroy", "Release what the workshop took; show what stays."),
        "outputs": ("workshop.cli.commands.outputs:outputs", "Show what the last `up` exported."),
        "diff": ("workshop.cli.commands.diff:diff", "Print, as Markdown, what a change between two commits means."),
        "dns": ("workshop.cli.commands.dns.group:app", "Zone files, and what resolvers answer."),
        "sandbox": ("workshop.cli.commands.sandbox.group:app", "The server behind the sandbox, and its data."),
    }


app = typer.Typer(
    cls=_Workshop,
    epilog="Exit codes: 0 done, 1 refused, 2 could not run.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.callback()
def workshop() -> None:
    """Makes ai.coder.com ready for a workshop of so many people, or refuses and says why."""


def main() -> NoReturn:
    """Runs the command line and ends the process with its exit code.

    Nothing is collected or torn down on the way out: the SDKs make so many objects that this would take a quarter of a
    preview's time, and the kernel frees them anyway (docs/performance.md).
    """
    gc.disable()
    os.environ.setdefault("GRPC_VERBOSITY", "ERROR")  # or it logs how its connections end
    code: object = 0
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends a command as Ctrl-C does, with a message
    try:
        app(prog_name="workshop")
    except SystemExit as ending:
        code = ending.code
    with suppress(BrokenPipeError):  # whoever read it has seen enough
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 0)
