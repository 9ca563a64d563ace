"""`workshop gate`: rules and policies judge what `up` would declare, and other tools get to read what they found."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workshop.cli.options import SANDBOX, StackName, Users

if TYPE_CHECKING:
    from workshop.cli.render.reports import Report
    from workshop.cli.screen import Screen
    from workshop.cli.stack import Stack
    from workshop.model.outcome import Outcome

Formats = Annotated[str, typer.Option("--format", metavar="LIST", help="Also write: sarif,junit,github,markdown,json.")]
Folder = Annotated[Path, typer.Option("--to", metavar="DIR", help="Where to write them.")]
Strict = Annotated[bool, typer.Option("--strict", help="End with 2 where something could not be judged.")]


def gate(
    users: Users = None,
    stack: StackName = SANDBOX,
    formats: Formats = "",
    to: Folder = Path(),
    strict: Strict = False,
) -> None:
    """Says whether `up` would be refused, and why. Changes nothing but the files that --format asks for.

    Ends with 0 where nothing is wrong, 1 with violations, 2 where it could not judge.
    """
    from workshop.cli.answer import Exit, conversation
    from workshop.cli.problem import CannotRun
    from workshop.cli.render.reports import WRITERS, report_of
    from workshop.cli.render.text import headline
    from workshop.cli.stack import read_stack

    wanted = [name.strip() for name in formats.split(",") if name.strip()]
    if unknown := sorted(set(wanted) - set(WRITERS)):
        raise typer.BadParameter(f"{', '.join(unknown)}: must be of {', '.join(WRITERS)}", param_hint="--format")
    with conversation() as screen:
        target = read_stack(stack, users)
        screen.text.print(headline(target))
        outcome = _judged(target, screen)
        if outcome.error is not None:
            raise CannotRun(outcome.error)
        report = report_of(target, outcome, is_strict=strict)
        _tell(report, screen)
        _write(report, wanted, to, screen)
    raise typer.Exit(Exit(report.exit_code))


def _judged(stack: Stack, screen: Screen) -> Outcome:
    """What rules and, once these let the program declare anything, policies find."""
    from workshop.cli.backends.backend import open_backend
    from workshop.model.findings import Refused
    from workshop.model.outcome import Outcome, Violation
    from workshop.model.rules.judgement import judge_settings

    try:
        findings = judge_settings(stack.settings, stack.plan())
    except Refused as refused:
        findings = refused.findings
    if findings:
        return Outcome(violations=tuple(Violation.of_rule(finding) for finding in findings))
    return open_backend(stack, screen).preview()


def _tell(report: Report, screen: Screen) -> None:
    from workshop.cli.render.reports import coverage, told, verdict

    screen.text.print(f"{verdict(report)} {coverage(report)}", soft_wrap=True)
    for heading, violations in (
        ("Refused:", report.refused),
        ("Not judged:", report.not_judged),
        ("Advice:", report.advice),
    ):
        if violations:
            screen.text.print()
            screen.text.print(heading)
        for number, violation in enumerate(violations, 1):
            screen.text.print(f"{number}. [{violation.policy}] {told(violation)}", soft_wrap=True)


def _write(report: Report, formats: Sequence[str], folder: Path, screen: Screen) -> None:
    from workshop.cli.render.reports import WRITERS
    from workshop.sandbox.files import write_whole

    for name in formats:
        file, writer = WRITERS[name]
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / file, writer(report))
        screen.notes.print(f"Wrote {folder / file}", soft_wrap=True)
