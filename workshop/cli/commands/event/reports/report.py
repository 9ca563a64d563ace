"""`workshop event report`: what the event was, for whoever asks afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workshop.cli.commands.event.reports.feedback import feedback_in
from workshop.cli.commands.event.stack import event_of
from workshop.cli.commands.event.store import history_of
from workshop.cli.options import SANDBOX, AsJson, StackName, Users
from workshop.cli.problem import CannotRun
from workshop.cli.render.report.contents.report import sections, title
from workshop.cli.render.report.html import html
from workshop.cli.render.report.markdown import markdown
from workshop.cli.render.report.pdf import pdf
from workshop.cli.render.report.pictures.report import pictures
from workshop.cli.render.report.text import print_sections
from workshop.cli.session import reporting_problems
from workshop.cli.stack import Stack, read_stack
from workshop.model.report.report import NothingKept, Report, make_report
from workshop.sandbox.files import write_whole

Html = Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write it as one HTML file, with pictures.")]
Pdf = Annotated[Path | None, typer.Option("--pdf", metavar="FILE", help="Write it as PDF, with pictures.")]
Markdown = Annotated[Path | None, typer.Option("--markdown", metavar="FILE", help="Write it as Markdown.")]
Answers = Annotated[
    Path | None, typer.Option("--feedback", metavar="FILE", help="What people answered to the survey, as CSV.")
]
Names = Annotated[bool, typer.Option("--with-names", help="Name people and quote comments: not to be passed on.")]


def report(
    users: Users = None,
    stack: StackName = SANDBOX,
    html_file: Html = None,
    pdf_file: Pdf = None,
    markdown_file: Markdown = None,
    feedback: Answers = None,
    with_names: Names = False,
    as_json: AsJson = False,
) -> None:
    """Shows people, starts, money, incidents, saved work and success metrics, and what to change next time.

    Asks the event's store alone; the same contents give the same report, byte for byte. Nobody is named in it.

    \b
    Examples:
      workshop event report
      workshop event report --pdf october.pdf --html october.html
      workshop event report --feedback answers.csv --json > october.json
    """
    with reporting_problems(stack, as_json=as_json) as screen:
        found = report_of(read_stack(stack, users), feedback=feedback, with_names=with_names)
        name, parts, mode = title(found), sections(found), 0o600 if with_names else 0o644
        if markdown_file is not None:
            write_whole(markdown_file, markdown(name, parts), mode)
        if html_file is not None:
            write_whole(html_file, html(name, parts, pictures(found)), mode)
        if pdf_file is not None:
            write_whole(pdf_file, pdf(name, parts, pictures(found)), mode)
        if as_json:
            screen.results.print(found.model_dump_json(indent=2), soft_wrap=True)
        else:
            print_sections(name, parts, screen.results)


def report_of(stack: Stack, *, feedback: Path | None = None, with_names: bool = False) -> Report:
    """The report of a stack's event. Raises CannotRun without an event, a store that answers, or anything in it."""
    event_of(stack)
    answers = None if feedback is None else feedback_in(feedback)
    try:
        return make_report(stack.settings, history_of(stack), feedback=answers, with_names=with_names)
    except NothingKept as nothing:
        raise CannotRun(f"There is no report: {nothing}.") from None
