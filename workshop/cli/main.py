"""The `workshop` command: one file per command, each imported only when it runs."""

import typer

from workshop.cli import destroy, diff, dns, gate, outputs, plan, preview, sandbox, up

app = typer.Typer(
    name="workshop",
    help="Makes ai.coder.com ready for a workshop of so many people, or refuses and says why.",
    epilog="Exit codes: 0 done, 1 refused, 2 could not run.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for command in (plan.plan, preview.preview, gate.gate, diff.diff, up.up, destroy.destroy, outputs.outputs):
    app.command()(command)
app.add_typer(dns.app, name="dns")
app.add_typer(sandbox.app, name="sandbox")


def main() -> None:
    """Runs the command line and ends the process with its exit code."""
    app(prog_name="workshop")
