"""`workshop event feedback`: what people answered to the survey."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workshop.cli.options import AsJson
from workshop.cli.problem import CannotRun
from workshop.cli.render.report.contents.lessons import feedback_section
from workshop.cli.render.report.text import print_sections
from workshop.cli.session import reporting_problems
from workshop.model.report.feedback import Feedback, FeedbackError, read_feedback

File = Annotated[Path, typer.Argument(metavar="FILE.csv", help="Answers, as the survey's tool exports them.")]
Names = Annotated[bool, typer.Option("--with-names", help="Quote what people wrote: it may say who they are.")]


def feedback(file: File, with_names: Names = False, as_json: AsJson = False) -> None:
    """Sums up answers to a survey: means of ratings, counts of choices, and on request what people wrote.

    Any table with a line of questions and a line for each person will do, by comma, semicolon or tab. Columns that say
    who answered, or when, are left out. `workshop event report --feedback FILE.csv` has the same in the report.

    \b
    Examples:
      workshop event feedback answers.csv
      workshop event feedback answers.csv --with-names
    """
    with reporting_problems(as_json=as_json) as screen:
        found = feedback_in(file)
        shown = found if with_names else found.without_comments()
        if as_json:
            screen.results.print(shown.model_dump_json(indent=2), soft_wrap=True)
        else:
            print_sections(f"Feedback in {file.name}", [*feedback_section(shown)], screen.results)


def feedback_in(file: Path) -> Feedback:
    """What a file has. Raises CannotRun."""
    try:
        return read_feedback(file.read_bytes())
    except FeedbackError as error:
        raise CannotRun(f"{file} can't be read: {error}.") from None
