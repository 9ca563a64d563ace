"""`workshop event months`: events side by side, and how many people the next one should try."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workshop.cli.commands.event.reports.kept_reports import keep_report, kept_reports, read_report, reports_folder
from workshop.cli.options import SANDBOX, AsJson, StackName
from workshop.cli.problem import CannotRun
from workshop.cli.render.report.contents.months import months_sections
from workshop.cli.render.report.markdown import markdown
from workshop.cli.render.report.pictures.months import months_picture
from workshop.cli.render.report.text import print_sections
from workshop.cli.session import reporting_problems
from workshop.cli.stack import read_stack
from workshop.model.report.months import months as compare
from workshop.sandbox.files import write_whole

Folder = Annotated[
    Path | None, typer.Argument(metavar="DIR", help="Folder with reports as JSON; unset: that of the stack, reports/.")
]
Add = Annotated[Path | None, typer.Option("--add", metavar="FILE", help="Put this report into the folder first.")]
Svg = Annotated[Path | None, typer.Option("--svg", metavar="FILE", help="Write a picture of it.")]
Markdown = Annotated[Path | None, typer.Option("--markdown", metavar="FILE", help="Write it as Markdown.")]


def months(
    folder: Folder = None,
    stack: StackName = SANDBOX,
    add: Add = None,
    svg: Svg = None,
    markdown_file: Markdown = None,
    as_json: AsJson = False,
) -> None:
    """Compares events month over month, from their reports, and says how many people to try next.

    \b
    Examples:
      workshop event report --json > october.json
      workshop event months --add october.json
      workshop event months reports --svg months.svg
    """
    with reporting_problems(stack, as_json=as_json) as screen:
        where = reports_folder(read_stack(stack, users_if_unknown=1)) if folder is None else folder
        if add is not None:
            screen.notes.print(f"Kept as {keep_report(read_report(add), where)}", soft_wrap=True)
        reports = kept_reports(where)
        if not reports:
            raise CannotRun(
                f"There is no report in {where}: write one with workshop event report --json > FILE, and keep it with "
                "workshop event months --add FILE"
            )
        found = compare(reports)
        if svg is not None:
            write_whole(svg, months_picture(found))
        if markdown_file is not None:
            write_whole(markdown_file, markdown("Events, month over month", months_sections(found)))
        if as_json:
            screen.results.print(found.model_dump_json(indent=2), soft_wrap=True)
        else:
            print_sections("Events, month over month", months_sections(found), screen.results)
