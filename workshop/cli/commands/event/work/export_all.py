"""`workshop event export-all`: all saved work as zip files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workshop.cli.commands.event.stack import event_of
from workshop.cli.commands.event.store import store_of
from workshop.cli.commands.event.work.bucket import bucket_of_event
from workshop.cli.options import SANDBOX, StackName, Users
from workshop.cli.render.message import print_message
from workshop.cli.reports import Exit
from workshop.cli.session import reporting_problems
from workshop.cli.stack import read_stack
from workshop.event.work.export import Exported, export_all
from workshop.model.counting import counted

To = Annotated[Path, typer.Option("--to", metavar="DIR", help="Folder for the zip files; made if there is none.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Also replace files that did not come from here.")]


def export(to: To, users: Users = None, stack: StackName = SANDBOX, overwrite: Overwrite = False) -> None:
    """Writes a zip file for each seat, checked against its receipt, and manifest.json. It may be run again.

    Exit code 1 where a seat's work could not be written; the file says why.

    \b
    Examples:
      workshop event export-all --to work
    """
    with reporting_problems(stack) as screen:
        target = read_stack(stack, users)
        event = event_of(target)[0]
        with store_of(target) as store:
            receipts = store.records.receipts()

        def said(one: Exported) -> None:
            reason = f": {one.reason}" if one.reason else ""
            print_message(screen.text, f"{one.name}: {one.state}, {counted(one.files, 'file')}{reason}")

        with bucket_of_event(target) as bucket:
            written = export_all(bucket, event.name, receipts, to, overwrite=overwrite, done=said)
        failed = sum(one.state == "failed" for one in written.archives)
        print_message(screen.results, f"{counted(len(written.archives) - failed, 'archive')} in {to}, {failed} failed.")
        raise typer.Exit(Exit.REFUSED if failed else Exit.DONE)
