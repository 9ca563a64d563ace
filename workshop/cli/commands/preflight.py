"""`workshop preflight`: go or no-go, by looking at what really runs."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workshop.cli.options import SANDBOX, StackName, Users

if TYPE_CHECKING:
    from workshop.checks.check import Check
    from workshop.checks.site import Site
    from workshop.cli.preflight.report import PreflightReport
    from workshop.cli.screen import Screen
    from workshop.cli.stack import Stack
    from workshop.model.preflight.record import Result


class Moment(StrEnum):
    """What is about to happen."""

    UP = "up"
    DOORS = "doors"


Before = Annotated[Moment, typer.Option("--before", help="up: what can hold before scaling; doors: everything.")]
Write = Annotated[
    bool, typer.Option("--write", help="Also what writes: a test alert, and a smoke workspace in each region.")
]
Formats = Annotated[str, typer.Option("--format", metavar="LIST", help="Also write: json,junit,markdown.")]
Folder = Annotated[Path, typer.Option("--to", metavar="DIR", help="Where to write them.")]


def preflight(
    users: Users = None,
    stack: StackName = SANDBOX,
    before: Before = Moment.DOORS,
    write: Write = False,
    formats: Formats = "",
    to: Folder = Path(),
) -> None:
    """Says go or no-go. Changes nothing but its own record and reports, unless --write is added.

    Ends with 0 for go, 1 for no-go, 2 where it inconclusive.
    """
    from workshop.cli.answer import conversation
    from workshop.cli.preflight.preview import preview_of
    from workshop.cli.preflight.report import WRITERS, exit_code, keep_record, tell
    from workshop.cli.render.text import headline
    from workshop.cli.stack import read_stack
    from workshop.sandbox.files import write_whole

    wanted = [name.strip() for name in formats.split(",") if name.strip()]
    if unknown := sorted(set(wanted) - set(WRITERS)):
        raise typer.BadParameter(f"{', '.join(unknown)}: must be of {', '.join(WRITERS)}", param_hint="--format")
    with conversation() as screen:
        target = read_stack(stack, users)
        screen.text.print(headline(target))
        # Checks that write come before the preview; else it gets going while the rest is imported.
        with preview_of(target, at_once=not write) as run_preview:
            from workshop.cli.preflight.site import site_of

            report = _run(target, site_of(target, run_preview, screen), _chosen(before, write), screen)
        tell(report, screen)
        screen.notes.print(f"Record: {keep_record(report.record)}", soft_wrap=True)
        for name in wanted:
            file, writer = WRITERS[name]
            to.mkdir(parents=True, exist_ok=True)
            write_whole(to / file, writer(report))
            screen.notes.print(f"Wrote {to / file}", soft_wrap=True)
    raise typer.Exit(exit_code(report))


def _chosen(before: Moment, write: bool) -> list[Check]:
    from workshop.checks.catalog import CHECKS
    from workshop.model.preflight.record import Stage

    stages = {Stage.BEFORE_UP}
    if before is Moment.DOORS:
        stages.add(Stage.BEFORE_EVENT)
    if write:
        stages.add(Stage.OPT_IN)
    return [check for check in CHECKS if check.stage in stages]


def _run(stack: Stack, site: Site, checks: list[Check], screen: Screen) -> PreflightReport:
    from workshop.checks.run import run_checks
    from workshop.cli.preflight.report import PreflightReport
    from workshop.model.preflight.record import Stage, make_record
    from workshop.observe.clock import now

    writing = [check for check in checks if check.stage is Stage.OPT_IN]  # first: they start the nodes looked at later
    groups = (writing, [check for check in checks if check not in writing])
    with screen.saying("Looking") as say:

        def tell(result: Result, left: int) -> None:
            where = f" {result.region}" if result.region else ""
            say(f"{left} to come, last: {result.check}{where}: {result.verdict}")

        results = tuple(result for group in groups for result in run_checks(group, site, tell))
    record = make_record(stack.name, site.settings, [check.id for check in checks], results, now())
    return PreflightReport(users=site.settings.users, record=record)
