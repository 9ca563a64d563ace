"""Which mails of the outbox are sent now: not too many, not too soon after a failure, and not too late."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from workshop.model.event.mail.due import Times, useful_until
from workshop.model.event.mail.outbox import AT_MOST_ONCE, CANCELLED, ENDS_IN, Mail, State, template_of

SENDER_IS_DEAD_AFTER: Final = timedelta(minutes=5)
"""From when a mail was begun to be sent: no server is given so long to take one. Where two are better than none, it is
sent again after a minute."""

_RETRY_AFTER: Final = (1, 2, 4, 8, 15)
"""Minutes after the first failure, the second and so on; greylisting asks for five to fifteen in all."""


@dataclass(frozen=True, kw_only=True)
class Sending:
    """now: to be sent, in this order. lost: sent or not, nobody will ever know. missed: too late to be of use."""

    now: tuple[Mail, ...]
    lost: tuple[Mail, ...]
    missed: tuple[Mail, ...]


def to_send(
    outbox: Collection[Mail], times: Times, *, revoked: Collection[str] = (), per_minute: int, now: datetime
) -> Sending:
    """What the sender does next. revoked: people who are not invited any more. per_minute: attempts in any minute."""
    off = frozenset(revoked)
    lost, missed, ready = list[Mail](), list[Mail](), list[Mail]()
    for one in outbox:
        is_dead = _is_of_dead_sender(one, now)
        if is_dead and template_of(one.kind) in AT_MOST_ONCE:
            lost.append(one)
        elif is_dead or (one.state is State.WAITING and one.due_at <= now):
            if now >= useful_until(one, times) or _is_called_off(one, times, off):
                missed.append(one)
            elif now >= _next_try(one):
                ready.append(one)
    ready.sort(key=lambda one: (template_of(one.kind) != ENDS_IN, one.due_at, one.person, one.kind))
    tried = sum(1 for one in outbox if one.tried_at is not None and now - one.tried_at < timedelta(minutes=1))
    return Sending(now=tuple(ready[: max(per_minute - tried, 0)]), lost=tuple(lost), missed=tuple(missed))


def _is_called_off(mail: Mail, times: Times, revoked: Collection[str]) -> bool:
    return mail.kind != CANCELLED and (times.called_off or mail.person in revoked)


def _is_of_dead_sender(mail: Mail, now: datetime) -> bool:
    after = SENDER_IS_DEAD_AFTER if template_of(mail.kind) in AT_MOST_ONCE else timedelta(minutes=1)
    return mail.state is State.SENDING and (mail.tried_at is None or now - mail.tried_at >= after)


def _next_try(mail: Mail) -> datetime:
    if mail.tried_at is None or not mail.attempts:
        return mail.due_at
    return mail.tried_at + timedelta(minutes=_RETRY_AFTER[min(mail.attempts, len(_RETRY_AFTER)) - 1])
