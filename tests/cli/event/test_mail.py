"""Mails as whoever runs the event sees them: what became of each, how they look, and who is reminded."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.cli.event.conftest import MAIL, USERS, Inviting, said
from workshop.cli.screen import Screen
from workshop.model.event.mail.outbox import KINDS, State


def done(inviting: Inviting, *arguments: str, typed: str = "") -> str:
    result = inviting.run("event", *arguments, *USERS, typed=typed)
    assert result.exit_code == 0, result.output
    return said(result.output)


def refused(inviting: Inviting, *arguments: str) -> str:
    result = inviting.run("event", *arguments, *USERS)
    assert result.exit_code == 2, result.output
    return said(result.output)


def reminders(inviting: Inviting) -> list[tuple[str, str]]:
    return [(one.person, one.kind) for one in inviting.store.outbox.all() if one.kind.startswith("reminder")]


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Screen, "can_ask", property(lambda screen: not screen.as_json))


def test_what_nobody_knows_and_what_was_refused_comes_first(inviting: Inviting) -> None:
    inviting.invite(inviting.roster("email\na@example.com\nb@example.com\nc@example.com\n"))
    sent, bounced, lost = inviting.store.outbox.all()
    inviting.store.outbox.finish(sent, State.SENT)
    inviting.store.outbox.finish(bounced, State.REFUSED, "550 5.1.1, the address is not known there")
    inviting.store.outbox.finish(lost, State.UNKNOWN, "it may have been sent")
    text = done(inviting, "mail")
    assert text.startswith(
        "Unknown: invitation to workshop-03: it may have been sent. Send it again: workshop event invite --resend "
        "workshop-03 Refused: invitation to workshop-02: 550 5.1.1, the address is not known there."
    )
    assert "mail unknown refused sent" in text
    assert text.endswith("invitation 1 1 1")
    document = json.loads(inviting.run("event", "mail", "--json", *USERS).stdout)
    assert [(one["person"], one["state"]) for one in document] == [
        ("workshop-01", "sent"),
        ("workshop-02", "refused"),
        ("workshop-03", "unknown"),
    ]
    assert "example.com" not in json.dumps(document)
    state = done(inviting, "status")
    assert "Warning: 1 mail refused: workshop event mail. Warning: 1 mail unknown: workshop event mail." in state
    assert json.loads(done(inviting, "status", "--json"))["undelivered_mail"] == {"refused": 1, "unknown": 1}


def test_before_anybody_is_invited(inviting: Inviting) -> None:
    assert done(inviting, "mail") == "There is no mail yet."
    assert done(inviting, "remind") == "Nobody is to be reminded now."


def test_every_mail_can_be_looked_at_and_nothing_is_sent(inviting: Inviting) -> None:
    folder = inviting.folder / "mails"
    assert f"{3 * len(KINDS)} files in {folder}; nothing was sent." in done(inviting, "mail", "--preview", str(folder))
    assert len([*folder.iterdir()]) == 3 * len(KINDS)
    assert "Subject: october: your workspace stops in 30 minutes" in (folder / "ends-in-30.txt").read_text("utf-8")
    assert (folder / "invitation.html").read_text("utf-8").startswith("<!doctype html>")
    assert inviting.store.outbox.all() == ()


@pytest.mark.parametrize("inviting", [MAIL.replace("sender", "templates: mail, sender")], indirect=True)
def test_a_template_that_can_not_be_used_is_named(inviting: Inviting) -> None:
    own = inviting.project / "mail"
    own.mkdir()
    (own / "thanks.txt").write_text("Subject: {{ colour }}", encoding="utf-8")
    folder = inviting.folder / "mails"
    assert "thanks.txt: 'colour' is undefined" in refused(inviting, "mail", "--preview", str(folder))
    assert not folder.exists()


@pytest.mark.parametrize("inviting", ["join_host: join.example.com"], indirect=True)
@pytest.mark.parametrize("command", ["mail", "remind"])
def test_without_mail_there_is_none_to_show_or_to_send(inviting: Inviting, command: str) -> None:
    assert "The event sends no mail: set workshop:event.mail" in refused(inviting, command)


def test_who_did_not_accept_is_reminded_once_it_is_said(inviting: Inviting, terminal: None) -> None:
    inviting.invite(inviting.roster())
    inviting.store.invitations.accepted("workshop-02", datetime.now(UTC))
    assert "Send a reminder to 1 who did not accept? [y/N]" in done(inviting, "remind", typed="n\n")
    assert reminders(inviting) == []
    assert "1 reminder in the outbox: 1 who did not accept." in done(inviting, "remind", typed="y\n")
    assert reminders(inviting) == [("workshop-01", "reminder-accept")]
    assert "Nobody is to be reminded now." in done(inviting, "remind")


def test_without_a_terminal_it_takes_a_yes(inviting: Inviting) -> None:
    inviting.invite(inviting.roster())
    assert "Nobody is here to confirm: Send a reminder to 2 who did not accept?" in refused(inviting, "remind")
    assert "2 reminders in the outbox" in done(inviting, "remind", "--not-accepted", "--yes")


@pytest.mark.parametrize("inviting", [f"{MAIL}, early_access: 24h"], indirect=True)
def test_who_accepted_is_reminded_to_try_it_while_that_is_possible(
    inviting: Inviting, monkeypatch: pytest.MonkeyPatch
) -> None:
    inviting.invite(inviting.roster())
    inviting.store.invitations.accepted("workshop-01", datetime.now(UTC))
    assert "Nobody is to be reminded now." in done(inviting, "remind", "--accepted", "--yes")
    later = datetime.now(UTC) + timedelta(days=9, hours=12)
    monkeypatch.setattr("workshop.cli.commands.event.changes.now", lambda: later)
    assert "1 reminder in the outbox: 1 who accepted and did not try." in done(
        inviting, "remind", "--yes", "--accepted"
    )
    assert reminders(inviting) == [("workshop-01", "reminder-test")]


def test_participants_shows_who_accepted_and_asks_about_reminders(inviting: Inviting, terminal: None) -> None:
    inviting.invite(inviting.roster())
    inviting.store.invitations.accepted("workshop-02", datetime.now(UTC))
    inviting.store.records.change_seat(2, ready_build=1)
    text = done(inviting, "participants", typed="y\n")
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    assert "workshop-01 ada@example.com invited planned" in text
    assert "workshop-02 bob@corp.example.com bob-2 tested planned" in text
    assert "Accepted: 1 of 2 (50 %); tried: 1 of 1 (100 %); external: 2 of 2 (100 %)." in text
    assert reminders(inviting) == [("workshop-01", "reminder-accept")]
    first, second = json.loads(inviting.run("event", "participants", "--json", *USERS).stdout)
    assert (first["accepted"], first["accepted_at"], first["external"]) == (False, None, True)
    assert (second["accepted"], second["accepted_at"][:10], second["tested"]) == (True, today, True)


def test_who_was_invited_without_an_address_gets_an_account(inviting: Inviting) -> None:
    links = inviting.folder / "links.csv"
    inviting.invite(inviting.roster("name\nAda\n"), "--links", str(links))
    assert "workshop-01 gets the account at the keeper's next look." in done(
        inviting, "bind", "--seat", "1", "--account", "ada"
    )
    (asked,) = inviting.store.requests.unanswered()
    assert (asked.person, asked.action, asked.seat, asked.data) == ("engineer", "bind", 1, {"account": "ada"})
    assert "account must be a username in Coder" in refused(inviting, "bind", "--seat", "1", "--account", "a b")
    assert "There is no seat 2" in refused(inviting, "bind", "--seat", "2", "--account", "ada")


@pytest.mark.parametrize("inviting", ["early_access: 24h, early_hours: 1h"], indirect=True)
def test_early_access_as_it_is_and_as_it_would_be(inviting: Inviting) -> None:
    text = done(inviting, "early-access")
    assert "1h at a time." in text
    assert "It is not set so" not in text
    text = done(inviting, "early-access", "--hours", "48", "--test-mode")
    assert "15m at a time." in text
    assert "Refused then: [event-times]" in text
    assert "It is not set so: set workshop:event.early_access to 48h in Pulumi.sandbox.yaml" in text
    assert "set workshop:event.early_hours to 15m" in text
    assert "No seat is tried before the event. It is not set so: set workshop:event.early_access to 0m" in done(
        inviting, "early-access", "--hours", "0"
    )


def test_who_would_call_the_event_off_is_told_that_mails_say_so(inviting: Inviting) -> None:
    inviting.invite(inviting.roster())
    assert "2 people get a mail that it is called off." in done(inviting, "end")
