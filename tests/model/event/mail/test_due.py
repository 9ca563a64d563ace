"""Each mail once, when it is of use, to whom it is for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.model.given import settings
from workshop.model.event.mail.due import Addressee, Times, due_mails, next_mail, times_of, useful_until
from workshop.model.event.mail.outbox import KINDS, Mail, State
from workshop.model.event.people import Invitation, Role
from workshop.model.plan.event import EarlyAccess

START = datetime(2027, 11, 6, 17, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TIMES = Times(
    starts_at=START,
    ends_at=START + 4 * HOUR,
    begins_at=START - HOUR,
    latest_end=START + 6 * HOUR,
    kept_until=START + 30 * DAY,
    early=EarlyAccess(starts_at=START - DAY, ends_at=START - 23 * HOUR, gone_at=START - 22 * HOUR),
)
INVITED = Invitation(person="workshop-07", role=Role.PARTICIPANT, seat=7, invited_at=START - 7 * DAY)
ACCEPTED = replace(INVITED, accepted_at=START - 6 * DAY)
WAITING = next_mail("invitation", "workshop-07", TIMES, (), START - 7 * DAY)
SENT = replace(WAITING, state=State.SENT)


def due(
    at: timedelta,
    invitation: Invitation = ACCEPTED,
    *sent: Mail,
    state: str = "planned",
    was_used: bool = False,
    notices: Sequence[tuple[int, int, datetime]] = (),
    times: Times = TIMES,
) -> list[str]:
    one = Addressee(invitation=invitation, has_address=True, state=state, was_used=was_used)
    return [mail.kind for mail in due_mails(times, [one], [SENT, *sent], notices, START + at)]


def test_nothing_is_due_after_the_invitation_until_early_access() -> None:
    assert due(-6 * DAY) == due(-DAY - MINUTE) == []


def test_a_day_before_everybody_is_reminded_who_was_invited_by_then() -> None:
    assert due(-DAY) == ["day-before", "early-access"]
    assert due(-DAY, INVITED) == ["day-before"]
    assert due(-DAY, replace(INVITED, invited_at=START - DAY)) == []
    assert due(timedelta(0), INVITED) == []
    assert due(-DAY, replace(INVITED, expires_at=START - DAY)) == []
    staff = replace(INVITED, person="staff-1", role=Role.HELPER, seat=None)
    assert due(-DAY, staff) == ["day-before"]
    assert due(-DAY, replace(staff, accepted_at=START), state="ready") == ["day-before"]


def test_early_access_is_for_who_has_accepted_and_until_the_events_own_time() -> None:
    day_before = next_mail("day-before", "workshop-07", TIMES, (), START - DAY)
    assert due(-2 * HOUR, ACCEPTED, day_before) == ["early-access"]
    assert due(-HOUR, ACCEPTED, day_before) == []
    assert due(-2 * HOUR, ACCEPTED, day_before, times=replace(TIMES, early=None)) == []


def test_a_ready_workspace_is_announced_once_and_not_in_early_access() -> None:
    known = [next_mail(kind, "workshop-07", TIMES, (), START - DAY) for kind in ("day-before", "early-access")]
    assert due(-2 * HOUR, ACCEPTED, *known, state="ready") == []
    assert due(-HOUR, ACCEPTED, *known, state="ready") == ["ready"]
    assert due(-HOUR, ACCEPTED, *known, state="starting") == []
    ready = next_mail("ready", "workshop-07", TIMES, (), START)
    assert due(HOUR, ACCEPTED, *known, ready, state="ready") == []
    assert due(4 * HOUR, ACCEPTED, *known, state="ready") == []


def test_each_warning_of_each_end_once_to_whose_seat_it_is() -> None:
    end = START + 4 * HOUR
    notices = [(7, 30, end), (8, 30, end)]
    assert due(3.5 * HOUR, notices=notices) == ["ends-in-30"]
    one = Addressee(invitation=ACCEPTED, has_address=True)
    (warned,) = due_mails(TIMES, [one], [SENT], notices, end - 30 * MINUTE)
    assert (warned.sequence, warned.ends_at) == (0, end)
    assert due(3.6 * HOUR, ACCEPTED, warned, notices=notices) == []
    longer = [*notices, (7, 30, end + HOUR)]
    (again,) = due_mails(TIMES, [one], [SENT, warned], longer, end)
    assert (again.kind, again.sequence, again.ends_at) == ("ends-in-30", 1, end + HOUR)
    assert due(4 * HOUR, notices=notices) == []


def test_where_the_work_is_and_thanks_go_to_who_was_there_once_their_seat_is_at_rest() -> None:
    assert due(4 * HOUR, was_used=True, state="ready") == []
    assert due(4 * HOUR, was_used=True, state="stopped") == ["where-your-work-is"]
    assert due(4 * HOUR - MINUTE, was_used=True, state="stopped") == []
    assert due(5 * HOUR, was_used=True, state="gone") == ["where-your-work-is", "thanks"]
    assert due(5 * HOUR, was_used=False, state="unused") == []
    assert due(8 * DAY, was_used=True, state="gone") == ["where-your-work-is"]
    assert due(30 * DAY, was_used=True, state="gone") == []


def test_an_event_that_moves_is_said_once_and_has_its_mails_anew() -> None:
    moved = replace(TIMES, starts_at=START + DAY, ends_at=START + DAY + 4 * HOUR, early=None)
    day_before = next_mail("day-before", "workshop-07", TIMES, (), START - DAY)
    one = Addressee(invitation=ACCEPTED, has_address=True)
    changed, again = due_mails(moved, [one], [SENT, day_before], (), START)
    assert (changed.kind, changed.revision, changed.starts_at) == ("changed", 1, START + DAY)
    assert (again.kind, again.sequence) == ("day-before", 1)
    assert due_mails(moved, [one], [SENT, day_before, changed, again], (), START) == ()
    back = due_mails(TIMES, [one], [SENT, day_before, changed, again], (), START - 25 * HOUR)
    assert [(mail.kind, mail.sequence, mail.revision) for mail in back] == [("changed", 1, 2)]


def test_who_is_not_invited_any_more_has_it_taken_out_of_their_calendar_once() -> None:
    revoked = replace(ACCEPTED, revoked_at=START - 2 * DAY)
    one = Addressee(invitation=revoked, has_address=True)
    (cancelled,) = due_mails(TIMES, [one], [SENT], (), START - 2 * DAY)
    assert (cancelled.kind, cancelled.revision, cancelled.starts_at) == ("cancelled", 1, START)
    assert due(-DAY, revoked, cancelled, notices=[(7, 30, START)]) == []
    assert due_mails(TIMES, [one], [WAITING], (), START - DAY) == ()
    assert due_mails(TIMES, [one], (), (), START - DAY) == ()
    again = next_mail("invitation", "workshop-07", TIMES, [SENT, cancelled], START - 2 * DAY)
    assert (again.sequence, again.revision) == (1, 2)
    assert due(-2 * DAY, ACCEPTED, cancelled, again) == []
    assert due(-2 * DAY, ACCEPTED, cancelled) == ["changed"]


def test_an_event_that_is_called_off_is_cancelled_for_all() -> None:
    assert due(-2 * DAY, times=replace(TIMES, called_off=True)) == ["cancelled"]
    assert due(7 * HOUR, times=replace(TIMES, called_off=True), was_used=True, state="stopped") == []


def test_who_has_no_address_gets_nothing() -> None:
    one = Addressee(invitation=ACCEPTED, has_address=False)
    assert due_mails(TIMES, [one], [SENT], (), START - DAY) == ()


@pytest.mark.parametrize("kind", [*KINDS, "ends-in-5"])
def test_every_mail_is_of_use_at_first_and_not_for_ever(kind: str) -> None:
    mail = next_mail(kind, "workshop-07", TIMES, (), START - 2 * DAY)
    assert START - 2 * DAY < useful_until(mail, TIMES) <= TIMES.kept_until


def test_the_events_times_follow_what_was_asked_for() -> None:
    window = {"start": "2026-10-02T11:00+00:00", "duration": "4h"}
    event = {"name": "october", "template": "coder/docker", "latest_end": "6h", "budget_usd": 200}
    given, start = settings(window=window, event=event), datetime(2026, 10, 2, 11, tzinfo=UTC)
    plain = times_of(given, None, None)
    assert (plain.starts_at, plain.ends_at, plain.begins_at) == (start, start + 4 * HOUR, start - HOUR)
    assert (plain.called_off, plain.latest_end) == (False, start + 6 * HOUR)
    assert times_of(given, start - 3 * HOUR, None).begins_at == start - 3 * HOUR
    assert times_of(given, None, start + HOUR).ends_at == start + HOUR
    early = times_of(given, None, start - DAY)
    assert (early.called_off, early.ends_at) == (True, start + 4 * HOUR)


def test_an_end_that_comes_early_changes_no_calendar() -> None:
    assert due(HOUR, times=replace(TIMES, ends_at=START + HOUR)) == []
