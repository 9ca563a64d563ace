"""The `workshop` command: one file per command, each imported only when it runs."""

import gc
import os
import signal
import sys
from contextlib import suppress
from typing import NoReturn

import typer

from workshop.cli.commands import checklist, destroy, diff, gate, outputs, plan, preflight, preview, up
from workshop.cli.commands.dns import app as dns
from workshop.cli.commands.sandbox import app as sandbox

app = typer.Typer(
    name="workshop",
    help="Makes ai.coder.com ready for a workshop of so many people, or refuses and says why.",
    epilog="Exit codes: 0 done, 1 refused, 2 could not run.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for command in (
    plan.plan,
    preview.preview,
    gate.gate,
    diff.diff,
    preflight.preflight,
    checklist.checklist,
    up.up,
    destroy.destroy,
    outputs.outputs,
):
    app.command()(command)
app.add_typer(dns.app, name="dns")
app.add_typer(sandbox.app, name="sandbox")


def main() -> NoReturn:
    """Runs the command line and ends the process with its exit code.

    Nothing is collected or torn down on the way out: the SDKs make so many objects that this would take a quarter of a
    preview's time, and the kernel frees them anyway (docs/performance.md).
    """
    gc.disable()
    os.environ.setdefault("GRPC_VERBOSITY", "ERROR")  # or it tells how its connections end
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
