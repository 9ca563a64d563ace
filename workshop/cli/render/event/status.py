"""How an event's state looks."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from rich.console import Console

from workshop.cli.render.event.participants import restore_text, trouble
from workshop.cli.render.message import print_message
from workshop.cli.render.times import with_offset
from workshop.event.store.records import EventRecord, SeatRecord
from workshop.model.counting import counted
from workshop.model.event.mail.outbox import Mail, State
from workshop.model.event.phase import phase_of
from workshop.model.event.preservation import Preservation, preservation_text
from workshop.model.event.seat_steps import lateness
from workshop.model.event.seats import workspace_name
from workshop.model.event.world import EventState
from workshop.model.ledger import Bill
from workshop.model.legible import legible
from workshop.model.plan.event import EventPlan
from workshop.model.settings.event import Event
from workshop.model.settings.window import Window
from workshop.model.window.phases import moment

_NEVER: Final = "has not looked yet: what is said of seats, money and work is what was planned (docs/keeper.md)"


@dataclass(frozen=True, kw_only=True)
class EventStatus:
    """What is kept of an event, at one moment. failing: as failing_steps has it. mails: the whole outbox."""

    event: Event
    plan: EventPlan
    window: Window | None
    now: datetime
    record: EventRecord
    failing: Mapping[str, str]
    seats: tuple[SeatRecord, ...]
    kept: EventState
    bill: Bill
    mails: Collection[Mail]
    work: Preservation

    @property
    def phase(self) -> str:
        """As phase_of has it."""
        return phase_of(self.plan, self.window, self.kept, self.now)

    @property
    def late(self) -> Mapping[int, str]:
        """What seats should have been by now that they are not, by number."""
        states = {record.seat: record.state for record in self.seats}
        found = {one.number: lateness(one, states[one.number], self.kept, self.now) for one in self.kept.seats}
        return {number: what for number, what in found.items() if what}

    @property
    def undelivered(self) -> Mapping[str, int]:
        """How many mails reached nobody, or perhaps nobody, by state."""
        return Counter(str(one.state) for one in self.mails if one.state in (State.UNKNOWN, State.REFUSED))


def print_status(found: EventStatus, screen: Console) -> None:
    """A few lines, and one for everything that is wrong."""
    record, bill, event = found.record, found.bill, found.event
    states = Counter(seat.state for seat in found.seats)
    by_state = ", ".join(f"{count} {state}" for state, count in sorted(states.items())) or "none yet"
    why = "" if record.reason is None else f", {record.reason} {moment(record.ended_at or found.now)}"
    print_message(screen, f"Event {event.name} is {found.phase}{why}.")
    print_message(screen, f"{counted(len(found.seats), 'seat')} of {found.plan.seats}: {by_state}.")
    due = f"{bill.committed:.2f} of {event.budget_usd} USD"
    print_message(screen, f"Due if all ended now: {due}; by the planned end {bill.projected:.2f}.")
    screen.print()
    screen.print(preservation_text(found.work), markup=False, soft_wrap=True)
    screen.print()
    for what, said in sorted(record.look.items()):
        print_message(screen, f"Warning: {legible(what)}: {legible(said)}")
    for seat in found.seats:
        if seat.failures and seat.state not in ("ready", "stopped"):
            print_message(screen, f"Warning: {trouble(seat)}.")
        if said := restore_text(seat):
            print_message(screen, f"{workspace_name(seat.seat)}: {legible(said)}.")
    for subject, said in sorted(found.failing.items()):
        print_message(screen, f"Warning: {legible(subject)}: {legible(said)}.")
    for what in sorted({*found.late.values()}):
        names = ", ".join(workspace_name(number) for number, late in found.late.items() if late == what)
        print_message(screen, f"Warning: late, {what}: {names}.")
    for state, count in sorted(found.undelivered.items()):
        print_message(screen, f"Warning: {counted(count, 'mail')} {state}: workshop event mail.")
    beat = f"looked last {moment(record.heartbeat_at)}" if record.heartbeat_at else _NEVER
    print_message(screen, with_offset(f"The keeper {beat}.", found.window))


def status_json(found: EventStatus) -> str:
    """The same as one JSON document; money in USD as text, moments in ISO 8601."""
    bill = found.bill
    document = {
        "schema_version": 1,
        "event": found.event.name,
        "phase": found.phase,
        "now": found.now,
        "ended_at": found.record.ended_at,
        "reason": found.record.reason,
        "settled_at": found.record.settled_at,
        "heartbeat_at": found.record.heartbeat_at,
        "budget_usd": found.event.budget_usd,
        "spent": sum(bill.spent.values(), Decimal(0)),
        "committed": bill.committed,
        "projected": bill.projected,
        "as_of": bill.as_of,
        "running_nodes": dict(bill.running),
        "seats": [
            {
                "seat": one.seat,
                "state": one.state,
                "late": found.late.get(one.seat),
                "failures": one.failures,
                "problem": one.problem,
                "failing": found.failing.get(workspace_name(one.seat)),
                "restore_from": one.restore_from,
                "restored": one.restored,
            }
            for one in found.seats
        ],
        "undelivered_mail": dict(found.undelivered),
        "work": found.work.model_dump(mode="json"),
        "look": dict(found.record.look),
    }
    return json.dumps(document, indent=2, default=_plain)


def _plain(value: Decimal | datetime) -> str:
    return f"{value:.2f}" if isinstance(value, Decimal) else value.isoformat()
