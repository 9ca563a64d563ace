"""What people ask of the keeper: it does so at its next look, within 15 seconds, where it runs."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from workshop.cli.commands.event.stack import event_of
from workshop.cli.commands.event.store import store_of
from workshop.cli.problem import CannotRun
from workshop.cli.render.message import print_message
from workshop.cli.screen import Screen
from workshop.cli.session import reporting_problems
from workshop.cli.stack import Stack, read_stack
from workshop.event.store.cached import Store, remember
from workshop.event.store.records import Records
from workshop.model.event.world import EventState
from workshop.model.plan.event import EventPlan
from workshop.model.report.metrics import ASK
from workshop.model.settings.event import Event
from workshop.model.window.phases import moment
from workshop.observe.clock import now

KEEPER_IS_SILENT_AFTER = 120
"""Seconds without a heartbeat after which whoever asks is told that nobody will do it."""


@dataclass(frozen=True, kw_only=True)
class Asking:
    """A change that is asked for: of which event, with what is kept of it, and when."""

    stack: Stack
    event: Event
    plan: EventPlan
    store: Store
    kept: EventState
    screen: Screen
    now: datetime

    @property
    def records(self) -> Records:
        """What the keeper remembers of it."""
        return self.store.records

    def check_seat(self, seat: int | None) -> None:
        """Raises CannotRun for a seat that there is not."""
        if seat is not None and seat not in {one.number for one in self.kept.seats}:
            raise CannotRun(f"There is no seat {seat}: see workshop event participants")
        if not self.kept.seats:
            raise CannotRun("Nobody has a seat yet: workshop event participants --add roster.csv")

    def check_goes_on(self) -> None:
        """Raises CannotRun once the whole event has ended."""
        if self.kept.ending is not None:
            raise CannotRun(f"The event has ended: {self.kept.ending.reason}.")

    def is_confirmed(self, question: str, *, yes: bool) -> bool:
        """Asks on a real stack; the sandbox doesn't. Raises CannotRun where nobody can be asked."""
        return yes or self.stack.is_sandbox or self.is_asked(question)

    def is_asked(self, question: str) -> bool:
        """Asks, whatever the stack. Raises CannotRun where nobody can be asked."""
        if not self.screen.can_ask:
            raise CannotRun(f"Nobody is here to confirm: {question} Run it in a terminal, or add --yes.")
        return self.screen.ask(f"{question} [y/N]").lower() in ("y", "yes")

    def say_done(self, said: str) -> None:
        """Says what was asked for, which is journaled, and whether there is a keeper to do it."""
        self.records.note(self.now, ASK, self.event.name, "done", said)
        print_message(self.screen.text, said)
        beat = self.records.event().heartbeat_at
        if beat is None or (self.now - beat).total_seconds() > KEEPER_IS_SILENT_AFTER:
            since = "has never run" if beat is None else f"was last seen {moment(beat)}"
            print_message(self.screen.text, f"Warning: the keeper {since}; nothing is done while it does not run.")


@contextmanager
def asking(users: int | None, stack: str, *, as_json: bool = False) -> Generator[Asking]:
    """Everything that a request to the keeper needs."""
    with reporting_problems(stack, as_json=as_json) as screen:
        target = read_stack(stack, users)
        event, plan = event_of(target)
        with store_of(target) as store:
            kept = remember(store.records, target.settings)
            yield Asking(stack=target, event=event, plan=plan, store=store, kept=kept, screen=screen, now=now())
