"""A command from its first line of output to its exit code."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final

import typer

from workshop.cli.options import SANDBOX
from workshop.cli.problem import INTERRUPTED, CannotRun
from workshop.cli.render.json import document
from workshop.cli.render.message import print_message
from workshop.cli.render.text import headline, print_outcome, print_run, print_violations
from workshop.cli.reports import Exit, Operation, RunReport
from workshop.cli.screen import Screen
from workshop.cli.shell import fit
from workshop.cli.stack import Stack
from workshop.model.counting import counted
from workshop.model.findings import Refused
from workshop.model.outcome import Outcome, Violation
from workshop.model.plan.plan import plan_of_event
from workshop.model.rules.judgement import advise_on_settings, judge_settings
from workshop.model.settings.errors import SettingsError
from workshop.observe.project import NoProject
from workshop.sandbox.engine.errors import EngineError
from workshop.sandbox.problem import SandboxProblem

PROBLEMS: Final = (SettingsError, SandboxProblem, EngineError, CannotRun, NoProject, OSError, KeyboardInterrupt)
"""What a person can cause and fix; anything else is a defect and shows its traceback."""


@dataclass(frozen=True, kw_only=True)
class Session:
    """A command at work. report: what there is to say at its end."""

    screen: Screen
    report: RunReport

    def begin(self, stack: Stack) -> None:
        """Says which stack and account it is about."""
        self.report.stack = stack
        self.screen.text.print(headline(stack))

    def make_plan(self, stack: Stack) -> None:
        """Plans what `up` would declare now, or for `plan` the event, whatever the time is.

        Raises Refused where the settings alone forbid it, before anything is started.
        """
        is_of_event = self.report.operation == "plan"
        self.report.plan = plan_of_event(stack.settings, stack.zones) if is_of_event else stack.plan()
        findings = judge_settings(stack.settings, self.report.plan)
        if findings:
            raise Refused(findings)
        if is_of_event:  # else the program says it
            advice = (Violation.of_rule(one, is_mandatory=False) for one in advise_on_settings(stack.settings))
            self.report.outcome = Outcome(violations=tuple(advice))

    def is_confirmed(self, preview: Callable[[], Outcome], yes: bool) -> bool:
        """Shows what would change and asks; yes answers in advance. False where it is refused or declined.

        Raises CannotRun where nobody can be asked.
        """
        report = self.report
        if not yes and not self.screen.can_ask:
            raise CannotRun(
                f"Nobody is here to confirm a change of stack {report.stack_name}: run it in a terminal, or add --yes."
            )
        report.outcome = fitted(preview(), report.stack_name)
        if report.outcome.is_refused or report.outcome.error is not None:
            return False
        if yes:
            return True
        print_outcome(report, self.screen.text)
        question = f"Change stack {report.stack_name} like this? [y/N]"
        report.is_declined = self.screen.ask(question).lower() not in ("y", "yes")
        return not report.is_declined


@contextmanager
def running(operation: Operation, stack_name: str, as_json: bool) -> Generator[Session]:
    """For commands that are about one stack: reports at the end, as text or JSON, and exits with the report's code."""
    session = Session(screen=Screen(as_json), report=RunReport(operation=operation, stack_name=stack_name))
    report = session.report
    try:
        yield session
    except Refused as refusal:
        report.outcome = Outcome(violations=tuple(Violation.of_rule(finding) for finding in refusal.findings))
    except PROBLEMS as problem:
        report.outcome = Outcome(error=message_of(problem))
    report.outcome = fitted(report.outcome, stack_name)
    if as_json:
        session.screen.results.print(document(report), soft_wrap=True)
    else:
        print_run(report, session.screen.text)
    raise typer.Exit(report.exit_code)


@contextmanager
def reporting_problems(stack: str = SANDBOX, *, as_json: bool = False) -> Generator[Screen]:
    """For commands with a report of their own: says what keeps them from running, and exits."""
    screen = Screen(as_json)
    try:
        yield screen
    except Refused as refusal:
        if as_json:
            _print_error(screen, Exit.REFUSED, fit(str(refusal), stack))
        screen.text.print(f"Refused: {counted(len(refusal.findings), 'reason')}.")
        outcome = Outcome(violations=tuple(Violation.of_rule(finding) for finding in refusal.findings))
        print_violations(screen.text, fitted(outcome, stack).violations)
        raise typer.Exit(Exit.REFUSED) from None
    except PROBLEMS as problem:
        message = fit(message_of(problem), stack)
        if as_json:
            _print_error(screen, Exit.COULD_NOT_RUN, message)
        print_message(screen.text, f"Could not run: {message}")
        raise typer.Exit(Exit.COULD_NOT_RUN) from None


def _print_error(screen: Screen, code: Exit, message: str) -> None:
    screen.results.print(json.dumps({"exit_code": int(code), "error": message}, indent=2), soft_wrap=True)


def fitted(outcome: Outcome, stack: str) -> Outcome:
    """The outcome, its messages naming commands that work for this stack."""
    return replace(
        outcome,
        error=None if outcome.error is None else fit(outcome.error, stack),
        violations=tuple(replace(one, message=fit(one.message, stack)) for one in outcome.violations),
    )


def message_of(problem: BaseException) -> str:
    """What is wrong and what to do, of one of PROBLEMS."""
    if isinstance(problem, KeyboardInterrupt):
        return INTERRUPTED
    if isinstance(problem, OSError):
        return f"{problem.filename or 'the system'}: {problem.strerror or problem}"
    return str(problem)
