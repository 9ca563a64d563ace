"""Who is reminded of what."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.model.event.mail.test_due import ACCEPTED, DAY, HOUR, INVITED, START, TIMES
from workshop.model.event.mail.due import Addressee, Times, next_mail
from workshop.model.event.mail.outbox import Mail
from workshop.model.event.mail.reminders import to_remind
from workshop.model.event.people import Role


def reminded(one: Addressee, before: timedelta = 2 * HOUR, *sent: Mail, times: Times = TIMES) -> list[str]:
    found = to_remind([one], sent, times, START - before)
    return [kind for kind, people in found.items() if people]


def test_who_has_not_accepted_is_reminded_of_that_until_the_event_is_over() -> None:
    one = Addressee(invitation=INVITED, has_address=True)
    assert reminded(one, 6 * DAY) == reminded(one) == ["reminder-accept"]
    assert reminded(one, -4 * HOUR) == []
    assert reminded(replace(one, has_address=False)) == []
    assert reminded(replace(one, invitation=replace(INVITED, revoked_at=START - DAY))) == []
    assert reminded(replace(one, invitation=replace(INVITED, expires_at=START - DAY))) == []
    assert reminded(replace(one, invitation=replace(INVITED, role=Role.HELPER))) == []
    assert reminded(one, times=replace(TIMES, called_off=True)) == []


def test_who_has_accepted_is_reminded_to_try_it_while_it_may_be_tried() -> None:
    one = Addressee(invitation=ACCEPTED, has_address=True)
    assert reminded(one) == reminded(one, DAY) == ["reminder-test"]
    assert reminded(one, DAY + HOUR) == reminded(one, HOUR) == []
    assert reminded(replace(one, was_used=True)) == []
    assert reminded(one, times=replace(TIMES, early=None)) == []


def test_nobody_is_reminded_of_the_same_twice_in_half_a_day() -> None:
    one = Addressee(invitation=INVITED, has_address=True)
    sent = next_mail("reminder-accept", INVITED.person, TIMES, (), START - DAY)
    assert reminded(one, DAY / 2 + HOUR, sent) == []
    assert reminded(one, DAY / 2, sent) == ["reminder-accept"]
