"""`workshop dns`: zone files, and what resolvers answer."""

from __future__ import annotations

from typing import ClassVar

import typer

from workshop.cli.lazy import Commands, LazyGroup


class _Dns(LazyGroup):
    lazy_commands: ClassVar[Commands] = {
        "check": ("workshop.cli.commands.dns.check:check", "Ask name servers and resolvers for every host."),
        "drift": ("workshop.cli.commands.dns.exchange:drift", "Show where Cloudflare's records are not as planned."),
        "import": ("workshop.cli.commands.dns.exchange:import_zone", "Write a zone file from the records there are."),
        "export": ("workshop.cli.commands.dns.exchange:export", "Print a zone's planned records as BIND writes zones."),
        "lock": ("workshop.cli.commands.dns.files:lock", "Write the checksums of the zone files for review."),
        "schema": ("workshop.cli.commands.dns.files:schema", "Write the schema by which editors check zone files."),
    }


app = typer.Typer(cls=_Dns, add_completion=False, no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def dns() -> None:
    """Zone files, and what resolvers answer."""
