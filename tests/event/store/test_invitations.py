"""Links open for whom they are, as long as they are meant to, and nothing of them is kept but their hashes."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.exc import IntegrityError

from workshop.event.store.invitations import Invitations, hash_of
from workshop.event.store.outbox import Outbox
from workshop.event.store.records import Records, SeatRecord
from workshop.event.store.tables import LINKS
from workshop.model.event.mail.outbox import Mail, State
from workshop.model.event.people import Invitation, Role, person_of_seat, staff

pytestmark = pytest.mark.xdist_group("postgres")

NOW = datetime(2027, 11, 6, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ADA = Invitation(person=person_of_seat(1), role=Role.PARTICIPANT, seat=1, invited_at=NOW, max_devices=2)
HELPER = Invitation(person=staff(1), role=Role.HELPER, email="eve@example.com", name="Eve", invited_at=NOW)
MAIL = Mail(
    person=ADA.person, kind="invitation", sequence=0, due_at=NOW, starts_at=NOW + DAY, ends_at=NOW + DAY, revision=0
)


@dataclass(frozen=True, kw_only=True)
class People:
    records: Records
    invitations: Invitations
    outbox: Outbox


@pytest.fixture
def people(url: str) -> Generator[People]:
    with (
        closing(Records(url, "october")) as records,
        closing(Invitations(url, "october")) as invitations,
        closing(Outbox(url, "october")) as outbox,
    ):
        seat = SeatRecord(seat=1, email="ada@example.com", name="Ada", is_wanted=False)
        invitations.invite([HELPER, ADA], seats=[seat], mails=[MAIL])
        yield People(records=records, invitations=invitations, outbox=outbox)


def test_who_was_invited_is_there_with_seat_and_mail(people: People) -> None:
    assert people.invitations.all() == (ADA, HELPER)
    assert people.invitations.of("staff-1") == HELPER
    assert people.invitations.of("staff-2") is None
    assert people.outbox.all() == (MAIL,)
    assert [(one.seat, one.is_wanted) for one in people.records.seats()] == [(1, False)]


def test_all_are_invited_or_none(people: People) -> None:
    new = replace(HELPER, person=staff(2))
    with pytest.raises(IntegrityError):
        people.invitations.invite([new, ADA], seats=[SeatRecord(seat=2, email="b@example.com", name="B")])
    assert people.invitations.all() == (ADA, HELPER)
    assert [one.seat for one in people.records.seats()] == [1]


def test_a_link_is_its_persons_until_its_time(people: People, url: str) -> None:
    token = people.invitations.new_link(ADA.person, NOW, NOW + DAY)
    assert people.invitations.person_of(hash_of(token), NOW) == ADA.person
    assert people.invitations.person_of(hash_of(token), NOW + DAY) is None
    assert people.invitations.person_of(hash_of(token + "x"), NOW) is None
    assert len(token) == 43
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        assert token not in repr(connection.execute(select(LINKS)).all())
    engine.dispose()


def test_a_link_of_another_event_opens_nothing(people: People, url: str) -> None:
    with closing(Invitations(url, "november")) as others:
        others.invite([ADA])
        token = others.new_link(ADA.person, NOW, NOW + DAY)
        assert people.invitations.person_of(hash_of(token), NOW) is None


def test_an_invitation_that_nobody_accepted_in_time_is_over_and_an_accepted_one_goes_on(people: People) -> None:
    people.invitations.invite([replace(HELPER, person=staff(2), expires_at=NOW + DAY)])
    token = people.invitations.new_link("staff-2", NOW, NOW + 30 * DAY)
    assert people.invitations.person_of(hash_of(token), NOW + DAY - timedelta(seconds=1)) == "staff-2"
    assert people.invitations.person_of(hash_of(token), NOW + DAY) is None
    people.invitations.accepted("staff-2", NOW)
    assert people.invitations.person_of(hash_of(token), NOW + 2 * DAY) == "staff-2"


def test_who_accepts_has_their_seat_started_and_the_first_time_counts(people: People) -> None:
    for hours in (1, 2):
        people.invitations.accepted(ADA.person, NOW + timedelta(hours=hours))
    found = people.invitations.of(ADA.person)
    assert found is not None
    assert found.accepted_at == NOW + timedelta(hours=1)
    assert people.records.seats()[0].is_wanted


def test_accepting_twice_does_not_take_back_what_was_changed_since(people: People) -> None:
    people.invitations.accepted(ADA.person, NOW)
    people.records.change_seat(1, is_wanted=False)
    people.invitations.accepted(ADA.person, NOW)
    assert not people.records.seats()[0].is_wanted


def test_what_is_revoked_opens_nothing_any_more_nor_what_is_made_later(people: People) -> None:
    before = people.invitations.new_link(ADA.person, NOW, NOW + DAY)
    other = people.invitations.new_link("staff-1", NOW, NOW + DAY)
    people.invitations.accepted(ADA.person, NOW)
    people.invitations.revoke(ADA.person, NOW)
    later = people.invitations.new_link(ADA.person, NOW, NOW + DAY)
    assert [people.invitations.person_of(hash_of(one), NOW) for one in (before, later)] == [None, None]
    assert people.invitations.person_of(hash_of(other), NOW) == "staff-1"
    assert not people.records.seats()[0].is_wanted


def test_a_mail_is_sent_by_one_of_those_who_would(people: People) -> None:
    assert people.outbox.claim(MAIL, NOW)
    assert not people.outbox.claim(MAIL, NOW)
    sending = people.outbox.all()[0]
    assert (sending.state, sending.attempts, sending.tried_at) == (State.SENDING, 1, NOW)
    people.outbox.finish(sending, State.WAITING, "the server asked to try later")
    waiting = people.outbox.all()[0]
    assert (waiting.state, waiting.problem) == (State.WAITING, "the server asked to try later")
    assert people.outbox.claim(waiting, NOW)


def test_a_mail_that_is_there_stays_as_it_is(people: People) -> None:
    people.outbox.finish(MAIL, State.SENT)
    people.outbox.add([MAIL, replace(MAIL, sequence=1)])
    assert [(one.sequence, one.state) for one in people.outbox.all()] == [(0, State.SENT), (1, State.WAITING)]
