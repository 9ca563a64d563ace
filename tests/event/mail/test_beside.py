"""Mail goes beside the keeper's looks: none waits for it, and each says why it stands still."""

from __future__ import annotations

from contextlib import closing
from email.message import EmailMessage
from pathlib import Path
from threading import Event

import pytest

from tests.event.mail.conftest import Mailed, Post
from workshop.event.failure import EventFailure
from workshop.event.mail.beside import MailBeside, mail_of
from workshop.event.mail.delivery import Delivery
from workshop.event.mail.server import MailServer
from workshop.model.event.mail.outbox import State
from workshop.model.settings.section import given


def test_what_is_due_is_sent_while_somebody_waits_for_it(mailed: Mailed, post: Post) -> None:
    mailed.add()
    with closing(MailBeside(mailed.sender())) as mail:
        mail.go_on(wait=True)
    assert (len(post.taken), mail.problem) == (1, "")


def test_no_look_waits_for_a_slow_server_and_none_begins_a_second_batch(mailed: Mailed, post: Post) -> None:
    begun, goes_on, connections = Event(), Event(), [0]

    class Slow(MailServer):
        def send(self, message: EmailMessage, address: str) -> Delivery:
            connections[0] += 1
            begun.set()
            assert goes_on.wait(60)
            return super().send(message, address)

    mailed.add()
    with closing(MailBeside(mailed.sender(lambda: Slow(mailed.mailing)))) as mail:
        mail.go_on(wait=False)
        assert begun.wait(60)
        mail.go_on(wait=False)
        goes_on.set()
        mail.go_on(wait=True)
    assert (connections, len(post.taken)) == ([1], 1)


def test_why_nothing_is_sent_is_known_until_something_is(mailed: Mailed, post: Post) -> None:
    mailed.add()
    port = [1]
    sender = mailed.sender(lambda: MailServer(mailed.mailing.model_copy(update={"port": port[0]})))
    with closing(MailBeside(sender)) as mail:
        mail.go_on(wait=True)
        assert mail.problem == "the mail server 127.0.0.1:1 (none) can't be reached: Connection refused"
        port[0] = post.port
        mail.go_on(wait=True)
        assert mail.problem == ""


def test_a_defect_ends_neither_the_keeper_nor_is_it_quoted(mailed: Mailed) -> None:
    class Broken(MailServer):
        def send(self, message: EmailMessage, address: str) -> Delivery:
            raise ValueError(address)

    mailed.add()
    with closing(MailBeside(mailed.sender(lambda: Broken(mailed.mailing)))) as mail:
        mail.go_on(wait=True)
    assert mail.problem == "it failed unexpectedly: ValueError"


def test_the_keepers_environment_says_where_mail_goes(
    mailed: Mailed, post: Post, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def of() -> MailBeside:
        return given(mail_of(mailed.settings, mailed.store, lambda: mailed.now))

    monkeypatch.setenv("WORKSHOP_EVENT_JOIN_URL", "http://127.0.0.1:8080")
    mailed.add()
    with closing(of()) as mail:
        mail.go_on(wait=True)
    assert "http://127.0.0.1:8080/i/" in str(post.taken[0].get_body(("plain",)))
    monkeypatch.setenv("WORKSHOP_EVENT_MAIL_FOLDER", str(tmp_path / "mail"))
    mailed.add(seat=2)
    with closing(of()) as mail:
        mail.go_on(wait=True)
    assert [file.name for file in (tmp_path / "mail").iterdir()] == ["october.workshop-02.invitation.0.eml"]
    assert mailed.states() == [("workshop-01", State.SENT), ("workshop-02", State.SENT)]


def test_without_mail_there_is_no_sender_and_a_login_needs_its_password(
    mailed: Mailed, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = given(mailed.settings.event)
    silent = mailed.settings.model_copy(update={"event": event.model_copy(update={"mail": None})})
    assert mail_of(silent, mailed.store, lambda: mailed.now) is None
    user = event.model_copy(update={"mail": mailed.mailing.model_copy(update={"user": "workshop"})})
    monkeypatch.delenv("WORKSHOP_EVENT_SMTP_PASSWORD", raising=False)
    with pytest.raises(EventFailure, match=r"WORKSHOP_EVENT_SMTP_PASSWORD is empty: mail\.user has no password"):
        mail_of(mailed.settings.model_copy(update={"event": user}), mailed.store, lambda: mailed.now)
