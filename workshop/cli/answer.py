"""From what happened to what is said and how the process ends."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Final, Literal

import typer

from workshop.cli.backends.retained import Kept
from workshop.cli.problem import CannotRun
from workshop.cli.screen import Screen
from workshop.cli.stack import Stack
from workshop.model.findings import Refused
from workshop.model.outcome import Change, Outcome, Violation
from workshop.model.plan.plan import Plan, plan_of_event
from workshop.model.rules.judgement import judge_settings
from workshop.model.settings.errors import SettingsError
from workshop.sandbox.engine.errors import EngineError
from workshop.sandbox.problem import SandboxProblem

Operation = Literal["plan", "preview", "up", "destroy", "outputs"]

_GROUPING: Final = ("pulumi:", "workshop:components:")


PROBLEMS: Final = (SettingsError, SandboxProblem, EngineError, CannotRun, OSError, KeyboardInterrupt)
"""What a person can cause and fix; anything else is a defect and shows its traceback."""


class Exit(IntEnum):
    """How a command ends."""

    DONE = 0
    REFUSED = 1
    COULD_NOT_RUN = 2


@dataclass(kw_only=True)
class Answer:
    """What there is to say so far.

    is_carried_out: the outcome is of more than a preview. kept: what `destroy` leaves. is_declined: a person was
    asked and said no.
    """

    operation: Operation
    stack_name: str
    screen: Screen
    stack: Stack | None = None
    plan: Plan | None = None
    outcome: Outcome = field(default_factory=Outcome)
    kept: tuple[Kept, ...] = ()
    is_carried_out: bool = False
    is_declined: bool = False

    @property
    def changes(self) -> tuple[Change, ...]:
        """One a resource that is really out there; components and providers only group.

        What is adopted and then updated is adopted, with the properties that change. What `destroy` lets go of loses
        its entry in the state and nothing else: it stays, and is no deletion.
        """
        by_urn: dict[str, Change] = {}
        staying = {kept.urn for kept in self.kept}
        for change in self.outcome.changes:
            if change.type.startswith(_GROUPING) or (change.operation == "delete" and change.urn in staying):
                continue
            earlier = by_urn.get(change.urn)
            is_adopted = earlier is not None and earlier.operation == "import" and change.operation == "update"
            by_urn[change.urn] = replace(change, operation="import") if is_adopted else change
        return tuple(by_urn.values())

    @property
    def exit(self) -> Exit:
        """The exit code that goes with it."""
        if self.outcome.error is not None:
            return Exit.COULD_NOT_RUN
        return Exit.REFUSED if self.outcome.is_refused or self.is_declined else Exit.DONE

    def about(self, stack: Stack) -> None:
        """Says which stack and account it is about."""
        from workshop.cli.render.text import headline

        self.stack = stack
        self.screen.text.print(headline(stack))

    def make_plan(self, stack: Stack) -> None:
        """Plans what `up` would declare now, or for `plan` the event, whatever the time is.

        Raises Refused where the settings alone forbid it, before anything is started.
        """
        self.plan = plan_of_event(stack.settings, stack.zones) if self.operation == "plan" else stack.plan()
        findings = judge_settings(stack.settings, self.plan)
        if findings:
            raise Refused(findings)


@contextmanager
def answering(operation: Operation, stack_name: str, as_json: bool) -> Generator[Answer]:
    """Tells at the end, in text or JSON, what came of it, and ends the command with its exit code."""
    answer = Answer(operation=operation, stack_name=stack_name, screen=Screen(as_json))
    try:
        yield answer
    except Refused as refusal:
        answer.outcome = Outcome(violations=tuple(Violation.of_rule(finding) for finding in refusal.findings))
    except PROBLEMS as problem:
        answer.outcome = Outcome(error=_message(problem))
    tell(answer)
    raise typer.Exit(answer.exit)


@contextmanager
def conversation() -> Generator[Screen]:
    """For commands that are about no stack: says what keeps them from running."""
    screen = Screen(as_json=False)
    try:
        yield screen
    except Refused as refused:
        screen.results.print(f"Refused: {refused}", soft_wrap=True)
        raise typer.Exit(Exit.REFUSED) from None
    except PROBLEMS as problem:
        screen.results.print(f"Could not run: {_message(problem)}")
        raise typer.Exit(Exit.COULD_NOT_RUN) from None


def _message(problem: BaseException) -> str:
    if isinstance(problem, KeyboardInterrupt):
        return "interrupted; run the same command again to go on."
    if isinstance(problem, OSError):
        return f"{problem.filename or 'the system'}: {problem.strerror or problem}"
    return str(problem)


def tell(answer: Answer) -> None:
    """Prints the answer."""
    if answer.screen.as_json:
        from workshop.cli.render.json import document

        answer.screen.results.print(document(answer), soft_wrap=True)
    else:
        from workshop.cli.render.text import tell_in_words

        tell_in_words(answer)
