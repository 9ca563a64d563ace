"""`workshop dns`: zone files, and what resolvers answer."""

import typer

from workshop.cli import dns_check, dns_files

app = typer.Typer(help="Zone files, and what resolvers answer.", no_args_is_help=True, rich_markup_mode=None)
for command in (dns_check.check, dns_files.lock, dns_files.schema):
    app.command()(command)
