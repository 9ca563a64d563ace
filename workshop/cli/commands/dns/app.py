"""`workshop dns`: zone files, and what resolvers answer."""

import typer

from workshop.cli.commands.dns import check as dns_check
from workshop.cli.commands.dns import files as dns_files
from workshop.cli.commands.dns import importing as dns_import

app = typer.Typer(help="Zone files, and what resolvers answer.", no_args_is_help=True, rich_markup_mode=None)
for command in (dns_check.check, dns_files.lock, dns_files.schema):
    app.command()(command)
app.command("import")(dns_import.import_zone)
app.command()(dns_import.export)
app.command()(dns_import.drift)
