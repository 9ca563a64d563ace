"""The gate's report as text, and the sentences that every format shares."""

from __future__ import annotations

from typing import Final

from rich.console import Console

from workshop.cli.render.text import print_violations
from workshop.cli.reports import GateReport
from workshop.model.counting import counted
from workshop.model.outcome import Violation
from workshop.model.settings.window import Window

NOT_ASKED: Final = "not judged: the program declares nothing before its own rules pass"


def print_gate(report: GateReport, screen: Console, window: Window | None) -> None:
    """The verdict, then every violation, severest first."""
    screen.print(f"{verdict(report)} {coverage(report)}", soft_wrap=True)
    for heading, violations in (
        ("Refused:", report.refused),
        ("Not judged:", report.not_judged),
        ("Advice:", report.advice),
    ):
        if violations:
            screen.print()
            screen.print(heading)
        print_violations(screen, violations, window)


def verdict(report: GateReport) -> str:
    """What the gate says, in a sentence or two."""
    refused, unknown = len(report.refused), len(report.not_judged)
    open_ends = f" {unknown} not judged." if unknown else ""
    if refused:
        return f"Refused: {counted(refused, 'violation')}.{open_ends}"
    return f"Nothing wrong in what could be judged.{open_ends}" if unknown else "Clean."


def coverage(report: GateReport) -> str:
    """How much was judged."""
    policies = counted(len(report.policies), "policy", "policies")
    return f"{policies} judged." if report.are_judged else f"{policies} {NOT_ASKED}."


def title(violation: Violation) -> str:
    """The policy, and what kind of violation it is where it refuses nothing."""
    if not violation.is_judged:
        return f"{violation.policy} (not judged)"
    return violation.policy if violation.is_mandatory else f"{violation.policy} (advice)"


def resource_name(violation: Violation) -> str:
    """The resource without the rest of its URN."""
    return violation.resource.rpartition("::")[2]


def reason(violation: Violation) -> str:
    """The message without the policy's title."""
    return violation.message.rpartition("\n")[2]
