"""`workshop gate`: rules and policies judge what `up` would declare, and other tools get to read what they found."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from policies.pack.catalog import with_exemptions
from policies.pack.exemptions import Ledger
from workshop.cli.backends import backend
from workshop.cli.formats import Folder, formats_of, write_report
from workshop.cli.options import SANDBOX, StackName, Users
from workshop.cli.problem import CannotRun
from workshop.cli.render.gate.formats import FORMATS
from workshop.cli.render.gate.text import print_gate
from workshop.cli.render.text import headline
from workshop.cli.reports import GateReport, PolicySummary
from workshop.cli.screen import Screen
from workshop.cli.session import fitted, reporting_problems
from workshop.cli.stack import Stack, read_stack
from workshop.model.findings import Refused
from workshop.model.outcome import Outcome, Violation
from workshop.model.rules.judgement import judge_settings

Formats = Annotated[str, typer.Option("--format", metavar="LIST", help="Also write: sarif,junit,github,markdown,json.")]
Strict = Annotated[bool, typer.Option("--strict", help="End with 2 where anything was not judged.")]


def gate(
    users: Users = None,
    stack: StackName = SANDBOX,
    formats: Formats = "",
    to: Folder = Path(),
    strict: Strict = False,
) -> None:
    """Says whether `up` would be refused, and why. Changes nothing but the files that --format asks for.

    Ends with 0 where `up` would not be refused, 1 with violations, 2 where something that `up` needs was not judged.

    \b
    Examples:
      workshop gate --users 20
      workshop gate --stack sandbox-dns --format sarif,junit --to reports
    """
    names = formats_of(formats, FORMATS)
    with reporting_problems(stack) as screen:
        target = read_stack(stack, users)
        screen.text.print(headline(target))
        outcome = _judged(target, screen)
        if outcome.error is not None:
            raise CannotRun(outcome.error)
        report = _report(target, outcome, is_strict=strict)
        print_gate(report, screen.text, target.settings.window)
        write_report(report, names, FORMATS, to, screen)
    raise typer.Exit(report.exit_code)


def _judged(stack: Stack, screen: Screen) -> Outcome:
    """What rules and, once these let the program declare anything, policies find."""
    try:
        findings = judge_settings(stack.settings, stack.plan())
    except Refused as refused:
        findings = refused.findings
    if findings:
        return Outcome(violations=tuple(Violation.of_rule(finding) for finding in findings))
    return backend.open_backend(stack, screen).preview()


def _report(stack: Stack, outcome: Outcome, *, is_strict: bool) -> GateReport:
    rules_refuse = any(one.policy.startswith("rules/") and one.is_mandatory for one in outcome.violations)
    return GateReport(
        stack=stack.name,
        users=stack.settings.users,
        policies={
            policy.id: PolicySummary(title=policy.title, why=policy.why, fix=policy.fix)
            for policy in with_exemptions(Ledger((), date.min))
        },
        are_judged=not rules_refuse,
        violations=fitted(outcome, stack.name).violations,
        is_strict=is_strict,
    )
