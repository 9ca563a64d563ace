"""What commands come to, as plain data: rendering, exit codes and files are made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import IntEnum
from typing import Final, Literal

from workshop.cli.retained import Retained
from workshop.cli.runs import Run
from workshop.cli.shell import fit
from workshop.cli.stack import Stack
from workshop.model.ledger import Bill
from workshop.model.outcome import Change, Outcome, Violation
from workshop.model.plan.plan import Plan
from workshop.model.preflight.record import Record, Result, Verdict, overall
from workshop.model.settings.commands import set_command
from workshop.model.settings.event import Event
from workshop.model.settings.window import Window
from workshop.model.window.phases import Phase, moment

Operation = Literal["plan", "preview", "up", "destroy", "outputs"]

_RECENT: Final = timedelta(days=2)
"""After the window closed, in which it is an event's end and no forgotten date."""

_GROUPING: Final = ("pulumi:", "workshop:components:")


class Exit(IntEnum):
    """How a command ends."""

    DONE = 0
    REFUSED = 1
    COULD_NOT_RUN = 2


@dataclass(kw_only=True)
class RunReport:
    """What there is to say so far of a command that is about one stack.

    is_carried_out: the outcome is of more than a preview. retained: what `destroy` leaves. is_declined: a person was
    asked and said no.
    """

    operation: Operation
    stack_name: str
    stack: Stack | None = None
    plan: Plan | None = None
    outcome: Outcome = field(default_factory=Outcome)
    retained: tuple[Retained, ...] = ()
    is_carried_out: bool = False
    is_declined: bool = False

    @property
    def changes(self) -> tuple[Change, ...]:
        """One a resource that is really out there; components and providers only group.

        What is adopted and then updated is adopted, with the properties that change. What `destroy` retains loses its
        entry in the state and nothing else: it stays, and is no deletion.
        """
        by_urn: dict[str, Change] = {}
        staying = {retained.urn for retained in self.retained}
        for change in self.outcome.changes:
            if change.type.startswith(_GROUPING) or (change.operation == "delete" and change.urn in staying):
                continue
            earlier = by_urn.get(change.urn)
            is_adopted = earlier is not None and earlier.operation == "import" and change.operation == "update"
            by_urn[change.urn] = replace(change, operation="import") if is_adopted else change
        return tuple(by_urn.values())

    @property
    def warnings(self) -> tuple[str, ...]:
        """What stops nothing and is probably not meant."""
        window = self.stack.settings.window if self.stack else None
        if (
            self.stack is None
            or window is None
            or self.outcome.is_refused
            or self.stack.read_at < window.closes_at + _RECENT
        ):
            return ()
        days = (self.stack.read_at - window.closes_at).days
        set_start = set_command(("window", "start"), "START")
        return (
            fit(
                f"The window closed {moment(window.closes_at)}, {days} days ago, so `up` makes room for nobody. "
                f"For an event that is to come: {set_start}",
                self.stack_name,
            ),
        )

    @property
    def retained_count(self) -> int:
        """How many resources lose their entry in the state and stay as they are."""
        staying = {retained.urn for retained in self.retained}
        return sum(change.operation == "delete" and change.urn in staying for change in self.outcome.changes)

    @property
    def exit_code(self) -> Exit:
        """The exit code that goes with it."""
        if self.outcome.error is not None:
            return Exit.COULD_NOT_RUN
        return Exit.REFUSED if self.outcome.is_refused or self.is_declined else Exit.DONE


@dataclass(frozen=True, kw_only=True)
class PolicySummary:
    """A policy as reports describe it."""

    title: str
    why: str
    fix: str


@dataclass(frozen=True, kw_only=True)
class GateReport:
    """What was judged and what was found.

    policies: every policy by name, in order. are_judged: whether they judged anything; what the model's rules refuse is
    never declared. violations: advice and what could not be judged among them. is_strict: what could not be judged
    counts as not run.
    """

    stack: str
    users: int
    policies: Mapping[str, PolicySummary]
    are_judged: bool
    violations: tuple[Violation, ...]
    is_strict: bool = False

    @property
    def refused(self) -> tuple[Violation, ...]:
        """What stops `up` whatever a look-up would answer."""
        return tuple(one for one in self.violations if one.is_mandatory and one.is_judged)

    @property
    def not_judged(self) -> tuple[Violation, ...]:
        """What stops `up` until somebody or something answers."""
        return tuple(one for one in self.violations if one.is_mandatory and not one.is_judged)

    @property
    def advice(self) -> tuple[Violation, ...]:
        """What stops nothing."""
        return tuple(one for one in self.violations if not one.is_mandatory)

    @property
    def file(self) -> str:
        """Where the stack's settings stand: the file to which tools pin what was found."""
        return f"Pulumi.{self.stack}.yaml"

    @property
    def exit_code(self) -> Exit:
        """0 only where `up` would not be refused: 1 with violations, 2 where something that it needs was not judged.

        Strict: 2 where anything was not judged.
        """
        if self.is_strict and not all(one.is_judged for one in self.violations):
            return Exit.COULD_NOT_RUN
        if self.refused:
            return Exit.REFUSED
        return Exit.COULD_NOT_RUN if self.not_judged or not self.are_judged else Exit.DONE


_SEVEREST_FIRST: Final = (Verdict.NO_GO, Verdict.INCONCLUSIVE, Verdict.WARNING, Verdict.GO)
_EXITS: Final = {Verdict.GO: Exit.DONE, Verdict.NO_GO: Exit.REFUSED, Verdict.INCONCLUSIVE: Exit.COULD_NOT_RUN}


@dataclass(frozen=True, kw_only=True)
class PreflightReport:
    """A preflight that ended. users: how many it was about."""

    users: int
    record: Record

    @property
    def verdict(self) -> Verdict:
        """Go, no-go, or inconclusive."""
        return overall(self.record.results)

    @property
    def by_verdict(self) -> Mapping[Verdict, tuple[Result, ...]]:
        """The results, those that need somebody first; verdicts that no check came to are left out."""
        found = {
            verdict: tuple(result for result in self.record.results if result.verdict is verdict)
            for verdict in _SEVEREST_FIRST
        }
        return {verdict: results for verdict, results in found.items() if results}

    @property
    def exit_code(self) -> Exit:
        """0 for go, 1 for no-go, 2 for inconclusive."""
        return _EXITS[self.verdict]


@dataclass(frozen=True, kw_only=True)
class StatusReport:
    """How a stack stands. users: None where no number is known. resources: in its state, without what only groups.

    last_run: None where there was none. record: the last preflight that counts. problem: why the state is not known.
    """

    stack: Stack
    users: int | None
    resources: int = 0
    last_run: Run | None = None
    record: Record | None = None
    problem: str | None = None

    @property
    def next_command(self) -> tuple[str, ...]:
        """What to do next, without the stack."""
        users = ("--users", str(self.users or 20))
        if self.last_run is not None and self.last_run.result != "succeeded":
            return ("destroy",) if self.last_run.operation == "destroy" else ("up", *users)
        if self.last_run is None or self.last_run.has_released or not self.resources:
            return ("plan", *users)
        if self.stack.phase is Phase.AFTER:
            return ("up", *users)
        if self.record is None or overall(self.record.results) is not Verdict.GO:
            return ("preflight",)
        return ("checklist",)

    @property
    def exit_code(self) -> Exit:
        """2 where it is not known what is deployed."""
        return Exit.DONE if self.problem is None else Exit.COULD_NOT_RUN


@dataclass(frozen=True, kw_only=True)
class MoneyReport:
    """An event's bill. reached: what share of the budget, in percent, is due; reached_now: for the first time.

    projected: those that what runs now would reach by the planned end. problems: by region, why it was not seen.
    """

    event: Event
    window: Window | None
    bill: Bill
    reached: tuple[int, ...]
    reached_now: tuple[int, ...]
    projected: tuple[int, ...]
    problems: Mapping[str, str]
