"""`workshop event report`: what the event was, for whoever asks afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workshop.cli.commands.event.stack import event_of
from workshop.cli.commands.event.store import history_of
from workshop.cli.options import SANDBOX, AsJson, StackName, Users
from workshop.cli.problem import CannotRun
from workshop.cli.render.report.contents.report import sections, title
from workshop.cli.render.report.markdown import markdown
from workshop.cli.render.report.text import print_sections
from workshop.cli.session import reporting_problems
from workshop.cli.stack import read_stack
from workshop.model.report.report import NothingKept, Report, make_report
from workshop.sandbox.files import write_whole

Markdown = Annotated[Path | None, typer.Option("--markdown", metavar="FILE", help="Write it as Markdown.")]
Names = Annotated[bool, typer.Option("--with-names", help="Name people and quote comments: not to be passed on.")]


def report(
    users: Users = None,
    stack: StackName = SANDBOX,
    markdown_file: Markdown = None,
    with_names: Names = False,
    as_json: AsJson = False,
) -> None:
    """Shows people, starts, money, incidents, saved work and success metrics, and what to change next time.

    Asks the event's store alone; the same contents give the same report, byte for byte. Nobody is named in it.

    \b
    Examples:
      workshop event report
      workshop event report --json > october.json
    """
    with reporting_problems(stack, as_json=as_json) as screen:
        target = read_stack(stack, users)
        event_of(target)
        try:
            found = make_report(target.settings, history_of(target), with_names=with_names)
        except NothingKept as nothing:
            raise CannotRun(f"There is no report: {nothing}.") from None
        if markdown_file is not None:
            write_whole(markdown_file, markdown(title(found), sections(found)))
        if as_json:
            screen.results.print(report_json(found), soft_wrap=True)
        else:
            print_sections(title(found), sections(found), screen.results)


def report_json(found: Report) -> str:
    """The whole document; money in USD as text, moments in ISO 8601."""
    return found.model_dump_json(indent=2)
