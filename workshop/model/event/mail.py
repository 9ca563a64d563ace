"""Mail to people of an event: which kinds there are, and how far each one got."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


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
    """One mail in the outbox; it is there before it is sent. sequence: counts mails of this kind to this person.

    due_at: when it may be sent first. problem: why it was not sent; quotes no address. starts_at, ends_at: the event's
    in its calendar entry, or ends_at: the end that it warns of. revision: its calendar entry's SEQUENCE; None without.
    """

    person: str
    kind: str
    sequence: int
    due_at: datetime
    state: State = State.WAITING
    attempts: int = 0
    tried_at: datetime | None = None
    problem: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    revision: int | None = None
