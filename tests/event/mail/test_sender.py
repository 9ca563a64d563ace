"""Each mail reaches the server once, whatever it answers and whoever is killed, or nobody says that it did."""

from __future__ import annotations

import re
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.event.killing import Killed
from tests.event.mail.conftest import Mailed, Post, hang_up
from workshop.event.mail.delivery import Delivery, ServerAway
from workshop.event.mail.server import MailServer
from workshop.event.store.invitations import hash_of
from workshop.model.event.mail.outbox import State
from workshop.model.event.receipts import Receipt, Result
from workshop.model.event.seats import workspace_name

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
ADA = workspace_name(1)


def test_an_invitation_is_sent_once_with_a_link_that_opens(mailed: Mailed, post: Post) -> None:
    mailed.add()
    assert mailed.sender().send_due() == {State.SENT: 1}
    assert mailed.sender().send_due() == {}
    (message,) = post.taken
    assert post.recipients == ["ada@example.com"]
    assert (message["To"], message["From"]) == ("Ada <ada@example.com>", "Workshop <workshop@example.com>")
    assert message["Subject"] == "Agents & clouds: your invitation"
    assert message["Message-ID"] == "<october.workshop-01.invitation.0@join.example.com>"
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
    ]
    token = re.findall(r"https://join\.example\.com/i/(\S+)", message.get_body(("plain",)).get_content())[0]  # pyright: ignore[reportOptionalMemberAccess]
    assert mailed.store.invitations.person_of(hash_of(token), mailed.now) == ADA
    (sent,) = mailed.outbox()
    assert (sent.state, sent.attempts, sent.problem) == (State.SENT, 1, "")


def test_every_mail_of_one_person_has_a_link_of_its_own(mailed: Mailed, post: Post) -> None:
    for kind in ("invitation", "reminder-accept"):
        mailed.add(kind)
        mailed.sender().send_due()
    links = [re.findall(r"/i/(\S+)", str(one.get_body(("plain",)))) for one in post.taken]
    assert len({link for found in links for link in found}) == 2


def test_what_is_due_comes_by_itself(mailed: Mailed, post: Post) -> None:
    mailed.store.invitations.accepted(ADA, mailed.now)
    mailed.now += 6 * DAY
    mailed.sender().send_due()
    assert sorted(str(one["Subject"]) for one in post.taken) == [
        *["Agents & clouds is tomorrow"] * 4,
        "Agents & clouds: you can try your workspace now",
    ]


@pytest.mark.parametrize(
    ("answer", "state", "problem"),
    [
        ("451 4.7.1 greylisted, ada@example.com", State.WAITING, "451 4.7.1, a rule of the server's forbids it"),
        ("550 5.1.1 no ada@example.com here", State.REFUSED, "550 5.1.1, the address is not known there"),
        ("552 5.2.2 full", State.REFUSED, "552 5.2.2, the mailbox does not take it"),
        ("550 go away", State.REFUSED, "550"),
    ],
)
def test_an_address_that_is_not_taken_leaves_the_others_alone(
    mailed: Mailed, post: Post, answer: str, state: State, problem: str
) -> None:
    post.answers["ada@example.com"] = answer
    for seat in (1, 2):
        mailed.add(seat=seat)
    mailed.sender().send_due()
    assert mailed.states() == [(ADA, state), ("workshop-02", State.SENT)]
    assert mailed.outbox()[0].problem == problem


def test_what_was_put_off_comes_later_with_the_same_message_id(mailed: Mailed, post: Post) -> None:
    post.answers["ada@example.com"] = "451 4.7.1 later"
    mailed.add()
    mailed.sender().send_due()
    assert mailed.sender().send_due() == {}
    mailed.now += MINUTE
    post.answers.clear()
    assert mailed.sender().send_due() == {State.SENT: 1}
    assert post.taken[0]["Message-ID"] == "<october.workshop-01.invitation.0@join.example.com>"


@pytest.mark.parametrize(
    ("answer", "state"), [("451 4.3.0 later", State.WAITING), ("554 5.6.0 what is this", State.REFUSED)]
)
def test_content_that_is_not_taken(mailed: Mailed, post: Post, answer: str, state: State) -> None:
    post.to_data = answer
    mailed.add()
    mailed.sender().send_due()
    assert mailed.states() == [(ADA, state)]


def test_a_server_that_goes_away_before_it_answers_leaves_it_unknown(mailed: Mailed, post: Post) -> None:
    post.after_data = hang_up
    mailed.add()
    assert mailed.sender().send_due() == {State.UNKNOWN: 1}
    mailed.now += DAY
    mailed.sender().send_due()
    assert [one["Subject"] for one in post.taken] == ["Agents & clouds: your invitation"]
    assert mailed.outbox()[0].problem == "the mail server went away before it had answered"


def test_a_server_that_is_away_costs_no_mail_and_is_not_asked_for_each(mailed: Mailed, post: Post) -> None:
    for seat in (1, 2, 3):
        mailed.add(seat=seat)
    away = mailed.sender(lambda: MailServer(mailed.mailing.model_copy(update={"port": 1})))
    with pytest.raises(
        ServerAway, match=r"the mail server 127\.0\.0\.1:1 \(none\) can't be reached: Connection refused"
    ):
        away.send_due()
    assert [one.attempts for one in mailed.outbox()] == [1, 0, 0]
    mailed.now += MINUTE
    assert mailed.sender().send_due() == {State.SENT: 3}


class Killing:
    """A server beside whose sender somebody pulls the plug."""

    def __init__(self, mailed: Mailed, *, before: bool) -> None:
        self._server = MailServer(mailed.mailing)
        self._before = before

    def send(self, message: EmailMessage, address: str) -> Delivery:
        if not self._before:
            self._server.send(message, address)
        raise Killed

    def close(self) -> None:
        self._server.close()


@pytest.mark.parametrize("before", [True, False], ids=["before-it-is-sent", "after-it-is-sent"])
@pytest.mark.parametrize("kind", ["invitation", "changed"])
def test_killed_while_sending(mailed: Mailed, post: Post, before: bool, kind: str) -> None:
    """An invitation is sent once at most; where two are better than none, the second has the same Message-ID."""
    mailed.add(kind)
    with pytest.raises(Killed):
        mailed.sender(lambda: Killing(mailed, before=before)).send_due()
    assert mailed.states() == [(ADA, State.SENDING)]
    mailed.now += 5 * MINUTE
    mailed.sender().send_due()
    mailed.now += DAY / 2
    mailed.sender().send_due()
    came = 0 if before else 1
    if kind == "invitation":
        assert mailed.states() == [(ADA, State.UNKNOWN)]
        assert "it may have been sent" in mailed.outbox()[0].problem
        assert len(post.taken) == came
    else:
        assert mailed.states() == [(ADA, State.SENT)]
        assert [str(one["Message-ID"]) for one in post.taken] == [
            "<october.workshop-01.changed.0@join.example.com>"
        ] * (came + 1)


def test_killed_before_the_outbox_is_left_as_it_was(
    mailed: Mailed, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailed.add()

    def kill(*_arguments: object) -> bool:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(mailed.store.outbox, "claim", kill)
        with pytest.raises(Killed):
            mailed.sender().send_due()
    assert mailed.sender().send_due() == {State.SENT: 1}
    assert len(post.taken) == 1


def test_of_two_senders_one_sends(mailed: Mailed, post: Post) -> None:
    """A keeper that was superseded may still be at work."""
    mailed.add()
    other, sender = mailed.sender(), mailed.sender()

    class Slow(MailServer):
        def send(self, message: EmailMessage, address: str) -> Delivery:
            assert other.send_due() == {}
            return super().send(message, address)

    sender = mailed.sender(lambda: Slow(mailed.mailing))
    assert sender.send_due() == {State.SENT: 1}
    assert len(post.taken) == 1


def test_who_is_stopped_sends_nothing_more(mailed: Mailed, post: Post) -> None:
    for seat in (1, 2):
        mailed.add(seat=seat)
    sender = mailed.sender()
    post.after_data = lambda _: sender.stop()
    sender.send_due()
    assert mailed.states() == [(ADA, State.SENT), ("workshop-02", State.WAITING)]


def test_no_more_in_a_minute_than_is_set(mailed: Mailed, post: Post) -> None:
    for seat in (1, 2, 3):
        mailed.add(seat=seat)
    event = mailed.settings.event
    assert event is not None
    slow = event.model_copy(update={"mail": mailed.mailing.model_copy(update={"per_minute": 2})})
    mailed.settings = mailed.settings.model_copy(update={"event": slow})
    assert mailed.sender().send_due() == {State.SENT: 2}
    assert mailed.sender().send_due() == {}
    mailed.now += MINUTE
    assert mailed.sender().send_due() == {State.SENT: 1}


def test_who_was_erased_gets_nothing_and_nothing_is_tried_again(mailed: Mailed, post: Post) -> None:
    mailed.add()
    mailed.store.records.erase_people()
    assert mailed.sender().send_due() == {State.REFUSED: 1}
    assert post.taken == []


def test_who_was_revoked_before_it_was_sent_gets_nothing(mailed: Mailed, post: Post) -> None:
    mailed.add()
    mailed.store.invitations.revoke(ADA, mailed.now)
    assert mailed.sender().send_due() == {State.MISSED: 1}
    assert post.taken == []


def test_who_was_revoked_afterwards_has_it_taken_out_of_the_calendar(mailed: Mailed, post: Post) -> None:
    mailed.add()
    mailed.sender().send_due()
    mailed.store.invitations.revoke(ADA, mailed.now)
    mailed.now += MINUTE
    assert mailed.sender().send_due() == {State.SENT: 1}
    assert post.taken[1]["Subject"] == "Agents & clouds on Friday, 9 October 2026: cancelled"
    assert "/i/" not in str(post.taken[1].get_body(("plain",)))


def test_a_warning_names_the_end_of_the_seat(mailed: Mailed, post: Post) -> None:
    mailed.now += 7 * DAY + timedelta(hours=3, minutes=30)
    end = mailed.now + 30 * MINUTE
    mailed.store.records.add_notice(1, 30, end, mailed.now)
    mailed.sender().send_due()
    (message,) = [one for one in post.taken if "stops in" in one["Subject"]]
    assert message["Subject"] == "Agents & clouds: your workspace stops in 30 minutes"
    assert "workshop-01 stops at 16:00 (Europe/London)" in str(message.get_body(("plain",)))


def test_where_the_organizers_words_fail_a_mail_goes_out_in_ours(mailed: Mailed, post: Post, tmp_path: Path) -> None:
    (tmp_path / "invitation.txt").write_text("Subject: {{ colour }}", encoding="utf-8")
    mailed.add()
    assert mailed.sender(own=tmp_path).send_due() == {State.SENT: 1}
    assert post.taken[0]["Subject"] == "Agents & clouds: your invitation"
    assert mailed.outbox()[0].problem == (
        "sent in our words: mail can't be written: invitation.txt: 'colour' is undefined"
    )


def test_where_the_work_is_is_said_of_ones_own(mailed: Mailed, post: Post) -> None:
    mailed.now += 7 * DAY + timedelta(hours=4)
    for seat in (1, 2):
        mailed.store.records.change_seat(seat, state="stopped", ready_build=1)
    reason = "its disk was gone"
    mailed.store.records.add_receipt(
        Receipt(seat=2, workspace_id="w", build_number=1, at=mailed.now, result=Result.FAILED, reason=reason)
    )
    mailed.sender().send_due()
    said = {
        str(one["To"]): str(one.get_body(("plain",))) for one in post.taken if "where your work is" in one["Subject"]
    }
    assert [reason in text for _, text in sorted(said.items())] == [False, True]
