"""Which mails are due now that are not in the outbox yet: by the event's times, its people, and what was sent."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from workshop.model.event.keeper import kept_until
from workshop.model.event.mail.outbox import (
    CANCELLED,
    CHANGED,
    DAY_BEFORE,
    EARLY_ACCESS,
    ENDS_IN,
    READY,
    THANKS,
    WITH_CALENDAR,
    WORK,
    Mail,
    State,
    kind_of_warning,
    template_of,
)
from workshop.model.event.people import Invitation, Role
from workshop.model.plan.event import EarlyAccess, plan_event
from workshop.model.settings.section import given
from workshop.model.settings.stack import Settings

_DAY: Final = timedelta(days=1)
THANKS_AFTER: Final = timedelta(hours=1)
"""From the event's end."""

THANKS_WITHIN: Final = timedelta(days=7)

_MAY_HAVE_COME: Final = (State.SENDING, State.SENT, State.UNKNOWN)

_AT_REST: Final = ("stopped", "gone")
"""States of a seat that was used and no longer runs."""


@dataclass(frozen=True, kw_only=True)
class Times:
    """One event's. starts_at, ends_at: as people know it. begins_at: when seats are started for it.

    latest_end: of the last seat. kept_until: of saved work. called_off: it was ended before it had begun.
    """

    starts_at: datetime
    ends_at: datetime
    begins_at: datetime
    latest_end: datetime
    kept_until: datetime
    early: EarlyAccess | None = None
    called_off: bool = False


@dataclass(frozen=True, kw_only=True)
class Addressee:
    """Somebody who may be written to. state: of their seat, as the keeper saw it last; empty for staff.

    was_used: somebody could work in their workspace once.
    """

    invitation: Invitation
    has_address: bool
    state: str = ""
    was_used: bool = False


def times_of(settings: Settings, provisioned_at: datetime | None, ended_at: datetime | None) -> Times:
    """By the settings, and by what was asked for since. Raises ValueError where no event or window is set."""
    window, plan = given(settings.window), given(plan_event(settings))
    ends_at = min(window.start + window.duration, plan.ends_at)
    return Times(
        starts_at=window.start,
        ends_at=ends_at if ended_at is None or ended_at <= window.start else min(ends_at, ended_at),
        begins_at=plan.starts_at if provisioned_at is None else min(plan.starts_at, provisioned_at),
        latest_end=plan.ends_at,
        kept_until=kept_until(settings),
        early=plan.early,
        called_off=ended_at is not None and ended_at < window.start,
    )


def due_mails(
    times: Times,
    people: Collection[Addressee],
    outbox: Collection[Mail],
    notices: Collection[tuple[int, int, datetime]],
    now: datetime,
) -> tuple[Mail, ...]:
    """What has to be added to the outbox. notices: warnings that were given: seat, minutes before, end."""
    sent: dict[str, list[Mail]] = {}
    for mail in outbox:
        sent.setdefault(mail.person, []).append(mail)
    warnings: dict[int | None, list[tuple[int, datetime]]] = {}
    for seat, minutes, ends_at in notices:
        warnings.setdefault(seat, []).append((minutes, ends_at))
    return tuple(
        mail
        for one in people
        if one.has_address
        for mail in _of_person(
            one, times, sent.get(one.invitation.person, []), warnings.get(one.invitation.seat, []), now
        )
    )


def next_mail(kind: str, person: str, times: Times, sent: Sequence[Mail], now: datetime) -> Mail:
    """A further mail of a kind. sent: what is in the outbox for this person."""
    return Mail(
        person=person,
        kind=kind,
        sequence=sum(1 for mail in sent if mail.kind == kind),
        due_at=now,
        starts_at=times.starts_at,
        ends_at=times.ends_at,
        revision=sum(1 for mail in sent if mail.revision is not None) if kind in WITH_CALENDAR else None,
    )


_USEFUL_UNTIL: Final[Mapping[str, Callable[[Mail, Times], datetime]]] = {
    EARLY_ACCESS: lambda _, times: times.begins_at,
    DAY_BEFORE: lambda _, times: times.starts_at,
    READY: lambda _, times: times.ends_at,
    ENDS_IN: lambda mail, _: mail.ends_at,
    WORK: lambda _, times: times.kept_until,
    CANCELLED: lambda _, times: times.kept_until,
    THANKS: lambda _, times: times.ends_at + THANKS_WITHIN,
}


def useful_until(mail: Mail, times: Times) -> datetime:
    """When it is better not sent any more: by its kind, else once the event is over."""
    known = _USEFUL_UNTIL.get(template_of(mail.kind))
    return times.latest_end if known is None else known(mail, times)


def _of_person(
    one: Addressee,
    times: Times,
    sent: Sequence[Mail],
    warnings: Collection[tuple[int, datetime]],
    now: datetime,
) -> Iterator[Mail]:
    """warnings: that their seat was given: minutes before, end."""
    invitation, person = one.invitation, one.invitation.person
    entry = max((mail for mail in sent if mail.revision is not None), key=lambda mail: mail.revision or 0, default=None)
    if invitation.revoked_at is not None or times.called_off:
        is_known = any(mail.revision is not None and mail.state in _MAY_HAVE_COME for mail in sent)
        if entry is not None and is_known and entry.kind != CANCELLED and now < times.latest_end:
            yield next_mail(CANCELLED, person, times, sent, now)
        return
    if entry is not None and now < times.starts_at and not _is_current(entry, times):
        yield next_mail(CHANGED, person, times, sent, now)
    for kind in _kinds(one, times, now):
        if not any(mail.kind == kind and mail.starts_at == times.starts_at for mail in sent):
            yield next_mail(kind, person, times, sent, now)
    for minutes, ends_at in warnings:
        kind = kind_of_warning(minutes)
        if now < ends_at and not any(mail.kind == kind and mail.ends_at == ends_at for mail in sent):
            yield replace(next_mail(kind, person, times, sent, now), ends_at=ends_at)


def _is_current(entry: Mail, times: Times) -> bool:
    return entry.kind != CANCELLED and (entry.starts_at, entry.ends_at) == (times.starts_at, times.ends_at)


def _kinds(one: Addressee, times: Times, now: datetime) -> Iterator[str]:
    """What is sent once for each start that the event was given, while it is of use. Staff get the day before alone."""
    invitation, day_before = one.invitation, times.starts_at - _DAY
    if invitation.invited_at < day_before <= now < times.starts_at:
        yield DAY_BEFORE
    if invitation.role is not Role.PARTICIPANT:
        return
    is_tried = times.early is not None and times.early.starts_at <= now < times.begins_at
    if is_tried and invitation.accepted_at is not None:
        yield EARLY_ACCESS
    if one.state == "ready" and times.begins_at <= now < times.ends_at:
        yield READY
    if one.was_used and one.state in _AT_REST and now >= times.ends_at:
        if now < times.kept_until:
            yield WORK
        if times.ends_at + THANKS_AFTER <= now < times.ends_at + THANKS_WITHIN:
            yield THANKS
