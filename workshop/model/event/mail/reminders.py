"""Who is reminded, once somebody says so: of accepting, or of trying their workspace while it may be tried."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Final

from workshop.model.event.mail.due import Addressee, Times
from workshop.model.event.mail.outbox import REMINDER_ACCEPT, REMINDER_TEST, Mail
from workshop.model.event.people import Role

AGAIN_AFTER: Final = timedelta(hours=12)
"""Nobody is reminded of the same more often."""


def to_remind(
    people: Collection[Addressee], outbox: Collection[Mail], times: Times, now: datetime
) -> Mapping[str, tuple[str, ...]]:
    """People by the kind of their reminder."""
    recently = {(one.person, one.kind) for one in outbox if now - one.due_at < AGAIN_AFTER}
    may_be_tried = times.early is not None and times.early.starts_at <= now < times.begins_at
    found: dict[str, list[str]] = {REMINDER_ACCEPT: [], REMINDER_TEST: []}
    for one in people:
        invitation = one.invitation
        if invitation.role is not Role.PARTICIPANT or not one.has_address or not invitation.is_open(now):
            continue
        kind = REMINDER_ACCEPT if invitation.accepted_at is None else REMINDER_TEST
        is_due = now < times.ends_at if kind == REMINDER_ACCEPT else may_be_tried and not one.was_used
        if is_due and not times.called_off and (invitation.person, kind) not in recently:
            found[kind].append(invitation.person)
    return {kind: tuple(persons) for kind, persons in found.items()}
