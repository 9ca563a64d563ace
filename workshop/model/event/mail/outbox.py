"""The outbox: every mail is in it before it is sent, with how far it got."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

INVITATION: Final = "invitation"
CHANGED: Final = "changed"
CANCELLED: Final = "cancelled"
REMINDER_ACCEPT: Final = "reminder-accept"
REMINDER_TEST: Final = "reminder-test"
EARLY_ACCESS: Final = "early-access"
DAY_BEFORE: Final = "day-before"
READY: Final = "ready"
ENDS_IN: Final = "ends-in"
WORK: Final = "where-your-work-is"
THANKS: Final = "thanks"

KINDS: Final = (
    INVITATION,
    CHANGED,
    CANCELLED,
    REMINDER_ACCEPT,
    REMINDER_TEST,
    EARLY_ACCESS,
    DAY_BEFORE,
    READY,
    ENDS_IN,
    WORK,
    THANKS,
)
"""Kinds of mail; of ENDS_IN there is one for each warning, such as ends-in-30."""

WITH_CALENDAR: Final = (INVITATION, CHANGED, CANCELLED)
"""Which carry the event's entry for the calendar."""

AT_MOST_ONCE: Final = (INVITATION, REMINDER_ACCEPT, REMINDER_TEST, THANKS)
"""Which are not sent again where it is unknown whether they were. Of all others two are better than none."""


class State(StrEnum):
    """How far a mail got.

    UNKNOWN: whoever sent it was killed, or the connection broke, before the server's answer: it may have been sent.
    REFUSED: the server will not take it. MISSED: it could not be sent while it would have been of use.
    """

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    MISSED = "missed"


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One mail. sequence: counts mails of this kind to this person. due_at: when it may be sent first.

    starts_at: the event's start when it became due. ends_at: the event's end then, of a warning the end that it is
    about. revision: its calendar entry's SEQUENCE; None without one. problem: why it was not sent; quotes no address.
    """

    person: str
    kind: str
    sequence: int
    due_at: datetime
    starts_at: datetime
    ends_at: datetime
    revision: int | None = None
    state: State = State.WAITING
    attempts: int = 0
    tried_at: datetime | None = None
    problem: str = ""


def kind_of_warning(minutes: int) -> str:
    """The kind of mail that warns so long before a seat's end."""
    return f"{ENDS_IN}-{minutes}"


def template_of(kind: str) -> str:
    """The kind without a warning's minutes: what mails of it are written after."""
    return ENDS_IN if kind.startswith(f"{ENDS_IN}-") else kind
