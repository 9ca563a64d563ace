"""What is sent at one look."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.model.event.mail.test_due import DAY, MINUTE, START, TIMES
from workshop.model.event.mail.outbox import Mail, State
from workshop.model.event.mail.sending import Sending, to_send

NOW = START - 7 * DAY
SECOND = timedelta(seconds=1)


def mail(kind: str = "invitation", number: int = 1, **values: object) -> Mail:
    fresh = Mail(
        person=f"workshop-{number:02}", kind=kind, sequence=0, due_at=NOW, starts_at=START, ends_at=TIMES.ends_at
    )
    return replace(fresh, **values)


def sending(*outbox: Mail, at: timedelta = timedelta(0), per_minute: int = 10) -> Sending:
    return to_send(outbox, TIMES, per_minute=per_minute, now=NOW + at)


def tried(attempts: int, kind: str = "invitation", state: State = State.WAITING) -> Mail:
    return mail(kind, attempts=attempts, tried_at=NOW, state=state)


def test_what_waits_is_sent_when_it_is_due() -> None:
    later = mail(number=2, due_at=NOW + SECOND)
    assert sending(mail(), later).now == (mail(),)
    assert sending(mail(), later, at=SECOND).now == (mail(), later)


def test_nothing_is_sent_that_has_come_to_an_end() -> None:
    ended = [
        mail(number=n, state=state) for n, state in enumerate((State.SENT, State.UNKNOWN, State.REFUSED, State.MISSED))
    ]
    assert sending(*ended) == Sending(now=(), lost=(), missed=())


def test_a_warning_goes_before_all_others() -> None:
    warning = mail("ends-in-5", 9, due_at=NOW)
    assert sending(mail(), mail(number=2), warning, per_minute=2).now == (warning, mail())


def test_no_more_in_a_minute_than_the_server_takes() -> None:
    others = [mail(number=n) for n in range(2, 6)]
    before = mail(tried_at=NOW - 59 * SECOND, attempts=1, state=State.SENT)
    assert len(sending(before, *others, per_minute=3).now) == 2
    assert len(sending(before, *others, per_minute=3, at=SECOND).now) == 3
    assert sending(before, *others, per_minute=1).now == ()


def test_a_mail_that_was_put_off_is_tried_again_later_and_later() -> None:
    for attempts, minutes in ((1, 1), (2, 2), (3, 4), (4, 8), (5, 15), (50, 15)):
        assert sending(tried(attempts), at=minutes * MINUTE - SECOND).now == ()
        assert sending(tried(attempts), at=minutes * MINUTE).now == (tried(attempts),)


def test_of_a_sender_that_died_an_invitation_stays_unknown_and_a_warning_is_sent_again() -> None:
    invitation, warning = tried(1, state=State.SENDING), tried(1, "ends-in-30", State.SENDING)
    assert sending(invitation, warning, at=MINUTE - SECOND) == Sending(now=(), lost=(), missed=())
    assert sending(invitation, warning, at=5 * MINUTE - SECOND) == Sending(now=(warning,), lost=(), missed=())
    assert sending(invitation, warning, at=5 * MINUTE) == Sending(now=(warning,), lost=(invitation,), missed=())


def test_what_is_of_no_use_any_more_is_not_sent() -> None:
    late = mail("ends-in-5", ends_at=NOW + MINUTE)
    assert sending(late, at=MINUTE - SECOND).now == (late,)
    assert sending(late, at=MINUTE) == Sending(now=(), lost=(), missed=(late,))
    dead = replace(late, state=State.SENDING, tried_at=NOW - 10 * MINUTE, attempts=1)
    assert sending(dead, at=MINUTE).missed == (dead,)


def test_who_is_not_invited_any_more_is_told_that_and_nothing_else() -> None:
    cancelled = mail("cancelled")
    found = to_send([mail(), mail(number=2), cancelled], TIMES, revoked=["workshop-01"], per_minute=10, now=NOW)
    assert (found.now, found.missed) == ((cancelled, mail(number=2)), (mail(),))
    off = to_send([mail(), cancelled], replace(TIMES, called_off=True), per_minute=10, now=NOW)
    assert (off.now, off.missed) == ((cancelled,), (mail(),))
