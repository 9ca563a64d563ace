"""`workshop preflight`: go or no-go, by looking at what really runs."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workshop.cli.formats import Folder, formats_of, write_report
from workshop.cli.options import SANDBOX, StackName, Users
from workshop.cli.preflight.preview import preview_of
from workshop.cli.render.preflight import FORMATS, print_preflight
from workshop.cli.render.text import headline
from workshop.cli.reports import PreflightReport
from workshop.cli.screen import Screen
from workshop.cli.session import reporting_problems
from workshop.cli.shell import fit
from workshop.cli.stack import Stack, read_stack
from workshop.model.preflight.record import Result, Stage, make_record
from workshop.observe.clock import now
from workshop.observe.preflight import record_file
from workshop.observe.project import project_folder
from workshop.sandbox.files import write_whole

if TYPE_CHECKING:
    from workshop.checks.check import Check
    from workshop.checks.site import Site


class Moment(StrEnum):
    """What is about to happen."""

    UP = "up"
    EVENT = "event"

    @classmethod
    def _missing_(cls, value: object) -> Moment | None:
        return cls.EVENT if value == "doors" else None  # as it was called before December 2026


def parse_moment(text: str) -> Moment:
    """Raises typer.BadParameter for another than these, by their names or those they had."""
    try:
        return Moment(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r}: must be up or event, such as --before up") from None


Before = Annotated[
    Moment,
    typer.Option(
        "--before", parser=parse_moment, metavar="up|event", help="up: what can hold before scaling; event: all."
    ),
]
Write = Annotated[
    bool, typer.Option("--write", help="Also what writes: a test alert, and a smoke workspace in each region.")
]
Formats = Annotated[str, typer.Option("--format", metavar="LIST", help="Also write: json,junit,markdown.")]


def preflight(
    users: Users = None,
    stack: StackName = SANDBOX,
    before: Before = Moment.EVENT,
    write: Write = False,
    formats: Formats = "",
    to: Folder = Path(),
) -> None:
    """Says go or no-go. Changes nothing but its own record and reports, unless --write is added.

    Ends with 0 for go, 1 for no-go, 2 for inconclusive.

    \b
    Examples:
      workshop preflight --before up
      workshop preflight --stack workshop --write --format markdown --to reports
    """
    names = formats_of(formats, FORMATS)
    with reporting_problems(stack) as screen:
        target = read_stack(stack, users)
        screen.text.print(headline(target))
        # Checks that write come before the preview; else it runs in its own process while the checks are imported here.
        with preview_of(target, at_once=not write) as run_preview:
            from workshop.cli.preflight.site import site_of

            report = _run(target, site_of(target, run_preview, screen), before, write, screen)
        print_preflight(report, screen.text)
        file = record_file(project_folder() / "preflight", stack)
        write_whole(file, report.record.model_dump_json(indent=1) + "\n")
        screen.notes.print(f"Record: {file}", soft_wrap=True)
        write_report(report, names, FORMATS, to, screen)
    raise typer.Exit(report.exit_code)


def _run(stack: Stack, site: Site, before: Moment, write: bool, screen: Screen) -> PreflightReport:
    from workshop.checks.catalog import CHECKS  # as above
    from workshop.checks.run import run_checks

    checks = _chosen(CHECKS, before, write)
    writing = [check for check in checks if check.stage is Stage.OPT_IN]  # first: they start the nodes looked at later
    groups = (writing, [check for check in checks if check not in writing])
    with screen.saying("Checking") as say:

        def on_result(result: Result, left: int) -> None:
            where = f" {result.region}" if result.region else ""
            say(f"{left} to come, last: {result.check}{where}: {result.verdict}")

        results = tuple(
            result.model_copy(update={"fix": fit(result.fix, stack.name)})
            for group in groups
            for result in run_checks(group, site, on_result)
        )
    record = make_record(stack.name, site.settings, [check.id for check in checks], results, now())
    return PreflightReport(users=site.settings.users, record=record)


def _chosen(checks: tuple[Check, ...], before: Moment, write: bool) -> list[Check]:
    stages = {Stage.BEFORE_UP}
    if before is Moment.EVENT:
        stages.add(Stage.BEFORE_EVENT)
    if write:
        stages.add(Stage.OPT_IN)
    return [check for check in checks if check.stage in stages]
