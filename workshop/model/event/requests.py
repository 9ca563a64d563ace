"""What people ask for at the door, for themselves or for others, and whether it may be done."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from workshop.model.event.people import Role
from workshop.model.event.seats import Seat, workspace_name
from workshop.model.legible import one_line
from workshop.model.plan.cost import hours
from workshop.model.plan.event import EventPlan
from workshop.model.settings.event import Event
from workshop.model.window.phases import moment

ENGINEER: Final = "engineer"
"""Who asks by command: they reach the store itself, and may what an instructor may."""

CONSENT_TIME: Final = timedelta(hours=1)
"""For how long a participant lets helpers look into their workspace, unless they say otherwise before."""

HAND_TEXT: Final = 200
"""Characters that may go with a raised hand."""

_MOST_MINUTES: Final = 10_080
_ACCOUNT: Final = re.compile(r"[a-zA-Z0-9]+(-[a-zA-Z0-9]+)*")
_LONGEST_ACCOUNT: Final = 32


class Ask(StrEnum):
    """What can be asked for, by its name in the store and, as `ask-...`, in the journal."""

    ACCEPT = "accept"
    SAVE = "save"
    START = "start"
    EXTEND = "extend"
    FINISH = "finish"
    DOWNLOAD = "download"
    RAISE_HAND = "raise-hand"
    LOWER_HAND = "lower-hand"
    CONSENT = "consent"
    WITHDRAW_CONSENT = "withdraw-consent"
    ADMIT = "admit"
    BIND = "bind"
    RESTART = "restart"
    MESSAGE = "message"
    MOVE = "move"
    LOGS = "logs"
    LOOK_IN = "look-in"


_HELPING: Final = frozenset({Ask.ADMIT, Ask.BIND, Ask.RESTART, Ask.MESSAGE, Ask.MOVE, Ask.LOGS, Ask.LOOK_IN})
_OWN: Final = frozenset({*Ask} - _HELPING)
"""What participants may, all of it for their own seat."""

MAY: Final[Mapping[Role, frozenset[Ask]]] = {
    Role.PARTICIPANT: _OWN,
    Role.HELPER: _HELPING | {Ask.LOWER_HAND, Ask.SAVE, Ask.START},
    Role.INSTRUCTOR: frozenset({*Ask} - {Ask.ACCEPT, Ask.RAISE_HAND, Ask.CONSENT, Ask.WITHDRAW_CONSENT}),
}
"""Others' work is the instructor's to download, and consent is given by nobody else."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request as it is kept. person: who asks. seat: what it is about, None where it is about no seat.

    data: minutes of an extension, text of a raised hand or a message, waiting of an admission, account of a binding.
    """

    id: int
    at: datetime
    person: str
    action: str
    seat: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, kw_only=True)
class Asker:
    """Somebody whose invitation is good. seat: a participant's own."""

    person: str
    role: Role
    seat: int | None = None


@dataclass(frozen=True, kw_only=True)
class Situation:
    """How things are when it is judged. is_over: the whole event has ended, by its cap or by command.

    seat: what it is about, None where there is none. state: the keeper's word for it. has_work: some of it is saved.
    """

    event: Event
    plan: EventPlan
    now: datetime
    is_over: bool
    seat: Seat | None
    state: str = "planned"
    has_work: bool = False


def refusal(asked: Asked, asker: Asker | None, situation: Situation) -> str:
    """Why it may not be done, in words for who asked; empty where it may."""
    if asker is None:
        return "your invitation was withdrawn"
    if asked.action not in {*Ask}:
        return f"nobody can ask for {asked.action}"
    ask = Ask(asked.action)
    if ask not in MAY[asker.role]:
        return f"a {asker.role} may not ask for {ask}"
    if asker.role is Role.PARTICIPANT and asked.seat != asker.seat:
        return "it is somebody else's seat"
    if ask is Ask.ADMIT:
        return "" if isinstance(asked.data.get("waiting"), str) else "it does not say who is admitted"
    seat = situation.seat
    if seat is None:
        return "there is no such seat"
    return _of_seat(ask, asked, asker, seat, situation)


def _of_seat(ask: Ask, asked: Asked, asker: Asker, seat: Seat, now: Situation) -> str:
    is_up = now.state in ("starting", "ready")
    match ask:
        case Ask.SAVE:
            return "" if now.state in ("ready", "stopping") else f"{seat.name} does not run"
        case Ask.DOWNLOAD:
            return "" if now.has_work else f"nothing of {seat.name} is saved yet"
        case Ask.FINISH:
            return "" if is_up else f"{seat.name} does not run"
        case Ask.CONSENT:
            return "" if is_up else f"{seat.name} does not run: there is nothing to look into"
        case Ask.MESSAGE:
            return _message(asked, seat, now)
        case Ask.RESTART | Ask.MOVE:
            return _restart(seat, now)
        case Ask.EXTEND:
            return _extend(asked, asker, seat, now)
        case Ask.START:
            return _start(asker, seat, now)
        case Ask.BIND:
            return _bind(asked, seat)
        case _:
            return ""


def _bind(asked: Asked, seat: Seat) -> str:
    """Only before there is a workspace: that belongs to the account for which it was made."""
    account = asked.data.get("account")
    if not isinstance(account, str) or not _ACCOUNT.fullmatch(account) or len(account) > _LONGEST_ACCOUNT:
        return "an account is given by its username in Coder"
    if seat.workspace_id is None:
        return ""
    return (
        f"{seat.name} has a workspace of another account: its person comes by the room's code instead, and gets a "
        "fresh seat"
    )


def _start(asker: Asker, seat: Seat, now: Situation) -> str:
    span = seat.span(now.now)
    if now.is_over:
        return "the event has ended"
    if span is None:
        return f"{seat.name} may run from {moment(seat.spans[0].starts_at)}"
    if now.now >= seat.end(now.now, None):
        return f"the time of {seat.name} is over: an instructor can extend it"
    if seat.is_lost and asker.role is Role.PARTICIPANT:
        return f"{seat.name} failed to start three times: a helper looks at it"
    if now.state == "planned" and (seat.is_wanted or asker.role is Role.PARTICIPANT):
        return f"{seat.name} is started by itself"
    return "" if now.state in ("stopped", "planned", "lost") else f"{seat.name} runs, or is about to"


def _message(asked: Asked, seat: Seat, now: Situation) -> str:
    if message_of(asked) == "":
        return f"a message has 1 to {HAND_TEXT} characters"
    return "" if now.state in ("starting", "ready", "stopping") else f"{seat.name} does not run"


def _restart(seat: Seat, now: Situation) -> str:
    span = seat.span(now.now)
    if now.is_over:
        return "the event has ended"
    if span is None or now.state == "planned":
        return f"{seat.name} has not been started yet"
    if now.now >= seat.end(now.now, None):
        return f"the time of {seat.name} is over: extend it first"
    return ""


def message_of(asked: Asked) -> str:
    """What is to be written into terminals, in one line; empty where it can't be."""
    text = asked.data.get("text")
    return one_line(text.strip()) if isinstance(text, str) and len(text.strip()) <= HAND_TEXT else ""


def _extend(asked: Asked, asker: Asker, seat: Seat, now: Situation) -> str:
    minutes, span = minutes_of(asked), seat.span(now.now)
    if minutes is None:
        return f"minutes must be 1 to {_MOST_MINUTES}"
    allowed = int(now.event.door.extension / timedelta(minutes=1))
    if asker.role is Role.PARTICIPANT and minutes != allowed:
        return f"{allowed} minutes at a time may be asked for" if allowed else "participants may not extend seats here"
    if now.is_over:
        return "the event has ended"
    if span is None or span.hours is not None or now.state not in ("starting", "ready"):
        return f"{seat.name} does not run by the event's own time: it may be started again instead"
    if now.now >= seat.end(now.now, None):
        return f"{seat.name} has ended already"
    if extended_until(seat, minutes, now.now) > now.plan.ends_at:
        return f"the event's latest end is {moment(now.plan.ends_at)}"
    return ""


def minutes_of(asked: Asked) -> int | None:
    """Of an extension; None where it gives none that can be."""
    minutes = asked.data.get("minutes")
    return minutes if type(minutes) is int and 1 <= minutes <= _MOST_MINUTES else None


def extended_until(seat: Seat, minutes: int, now: datetime) -> datetime:
    """When it would end then."""
    return seat.end(now, None) + timedelta(minutes=minutes)


def extension_usd(plan: EventPlan, minutes: int) -> Decimal:
    """What running so much longer costs for one seat, as planned."""
    return plan.usd_per_hour / plan.seats * hours(timedelta(minutes=minutes))


def free_seat(taken: frozenset[int], plan: EventPlan, reserve: int) -> int | None:
    """The number that somebody admitted late gets: one of the reserve, then any that nobody has; None where all are
    taken."""
    late = range(plan.seats + 1, plan.seats + reserve + 1)
    return next((number for number in (*late, *range(1, plan.seats + 1)) if number not in taken), None)


def subject_of(asked: Asked) -> str:
    """What the journal says it was about."""
    return asked.person if asked.seat is None else workspace_name(asked.seat)
