"""`workshop event retrospective`: a page for the team's meeting, with all that is known filled in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workshop.cli.commands.event.reports.actions import read_actions
from workshop.cli.commands.event.reports.kept_reports import kept_reports, reports_folder
from workshop.cli.commands.event.reports.report import Answers, report_of
from workshop.cli.options import SANDBOX, StackName, Users
from workshop.cli.problem import CannotRun
from workshop.cli.render.message import print_message
from workshop.cli.render.report.contents.retrospective import retrospective_sections
from workshop.cli.render.report.markdown import markdown
from workshop.cli.session import reporting_problems
from workshop.cli.stack import read_stack
from workshop.model.report.months import before
from workshop.sandbox.files import write_whole

Out = Annotated[Path, typer.Option("--out", metavar="FILE", help="Markdown to write; a file that is there stays.")]


def retrospective(out: Out, users: Users = None, stack: StackName = SANDBOX, feedback: Answers = None) -> None:
    """Writes a retrospective: facts, metrics beside the last event's, incidents, actions carried over, what to ask.

    Hold it within 48 hours; put what it decides into `workshop event actions`. Nobody is named in it.

    \b
    Examples:
      workshop event retrospective --out FILE
    """
    with reporting_problems(stack) as screen:
        target = read_stack(stack, users)
        if out.exists():
            raise CannotRun(f"{out} is there, and people may have written in it: choose another --out.")
        report = report_of(target, feedback=feedback)
        last = before(report, kept_reports(reports_folder(target)))
        parts = retrospective_sections(report, last, read_actions(target))
        write_whole(out, markdown(f"Event {report.event}: retrospective", parts))
        print_message(screen.results, f"Wrote {out}. Fill in what only people know.")
