"""`workshop dns`: zone files, and what resolvers answer."""

import typer

from workshop.cli import dns_check, dns_files, dns_import

app = typer.Typer(help="Zone files, and what resolvers answer.", no_args_is_help=True, rich_markup_mode=None)
for command in (dns_check.check, dns_files.lock, dns_files.schema):
    app.command()(command)
app.command("import")(dns_import.import_zone)
app.command()(dns_import.export)
app.command()(dns_import.drift)
