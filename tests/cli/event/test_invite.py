"""`workshop event invite`: on which conditions, to whom, by which way; and nobody where something is wrong."""

from __future__ import annotations

import csv
import json
import stat
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest

from tests.cli.event.conftest import MAIL, ROSTER_OF_TWO, USERS, Inviting
from workshop.cli.stack import Stack
from workshop.event.store.invitations import hash_of
from workshop.event.systems.github import Membership

SCENARIO = "Name,Type,ValidDays,CanInvite,Transferable,DeviceBound,MaxDevices\n" + "".join(
    f"Participant_{number:02},read_only,7,no,no,yes,2\n" for number in range(1, 4)
)


def test_the_conditions_are_shown_and_everybody_is_invited(inviting: Inviting) -> None:
    text = inviting.invite(inviting.roster())
    assert "template coder/docker" in text
    assert "largest shape 4 vCPU, 8 GiB" in text
    assert "an hour of a seat 0." in text
    assert "devices 3" in text
    assert "may be passed on no" in text
    assert "if all 10 seats come" in text
    assert "of 200 USD" in text
    assert "Invited: 2 people, 2 mails in the outbox. Warning: the keeper has never run" in text
    assert [(one.seat, one.email, one.account, one.is_wanted) for one in inviting.store.records.seats()] == [
        (1, "ada@example.com", None, False),
        (2, "bob@corp.example.com", "bob-2", False),
    ]
    assert [(one.person, one.kind, one.revision) for one in inviting.store.outbox.all()] == [
        ("workshop-01", "invitation", 0),
        ("workshop-02", "invitation", 0),
    ]
    assert inviting.people() == ["workshop-01", "workshop-02"]


def test_who_is_invited_again_by_the_same_roster_stays_as_they_are(inviting: Inviting) -> None:
    inviting.invite(inviting.roster())
    assert "Everybody in" in inviting.invite(inviting.roster())
    more = inviting.roster(ROSTER_OF_TWO + "Cy,cy@example.com,\n")
    assert "Invited: 1 person, 1 mail in the outbox" in inviting.invite(more)
    assert len(inviting.store.outbox.all()) == 3


@pytest.mark.parametrize("inviting", ["join_host: join.example.com"], indirect=True)
def test_the_scenarios_roster_gives_links_to_hand_out(inviting: Inviting) -> None:
    links = inviting.folder / "links.csv"
    roster = inviting.roster(SCENARIO)
    assert "3 people get no mail, as workshop:event.mail is not set, so their links" in inviting.refused(roster)
    text = inviting.invite(roster, "--links", str(links))
    assert "3 links in" in text
    assert "Warning: 3 invitations can be accepted only until before the event starts (ValidDays)" in text
    assert "Warning: 3 people without address and account" in text
    assert stat.S_IMODE(links.stat().st_mode) == 0o600
    first = next(csv.DictReader(StringIO(links.read_text(encoding="utf-8"))))
    assert (first["person"], first["name"]) == ("workshop-01", "Participant_01")
    token = first["link"].removeprefix("http://127.0.0.1:47880/i/")
    now = datetime.now(UTC)
    assert inviting.store.invitations.person_of(hash_of(token), now) == "workshop-01"
    assert inviting.store.invitations.person_of(hash_of(token), now + timedelta(days=7)) is None
    assert inviting.store.invitations.all()[0].max_devices == 2


@pytest.mark.parametrize("inviting", ["join_host: join.example.com"], indirect=True)
def test_links_that_nobody_has_yet_are_not_written_over(inviting: Inviting) -> None:
    links = inviting.folder / "links.csv"
    links.write_text("mine", encoding="utf-8")
    assert "is there already" in inviting.refused(inviting.roster(), "--links", str(links))
    assert links.read_text(encoding="utf-8") == "mine"
    assert inviting.people() == []


@pytest.mark.parametrize("inviting", ["join_host: join.example.com"], indirect=True)
def test_links_of_people_who_could_not_be_invited_are_not_left(
    inviting: Inviting, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object, **_options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("workshop.event.store.invitations.Invitations.invite", fail)
    links = inviting.folder / "links.csv"
    assert "No space left" in inviting.refused(inviting.roster(), "--links", str(links))
    assert not links.exists()


@pytest.mark.parametrize("inviting", [""], indirect=True)
def test_without_a_page_for_people_nobody_is_invited(inviting: Inviting) -> None:
    links = str(inviting.folder / "links.csv")
    assert "set workshop:event.join_host to join.example.com" in inviting.refused(inviting.roster(), "--links", links)
    assert inviting.people() == []


@pytest.mark.parametrize("inviting", [MAIL.replace("join.example.com", "join.ai.coder.com")], indirect=True)
def test_nobody_is_invited_to_what_up_would_refuse(inviting: Inviting) -> None:
    result = inviting.run("event", "invite", inviting.roster(), *USERS)
    assert result.exit_code == 1
    assert "[rules/join-host] event october: its page join.ai.coder.com is below" in " ".join(result.output.split())
    assert inviting.people() == []


def test_with_json_there_is_one_document_whatever_happens(inviting: Inviting) -> None:
    done = json.loads(inviting.run("event", "invite", inviting.roster(), "--json", *USERS).stdout)
    assert [one["person"] for one in done["invited"]] == inviting.people() == ["workshop-01", "workshop-02"]
    again = json.loads(inviting.run("event", "invite", inviting.roster(), "--json", *USERS).stdout)
    assert again["invited"] == []
    refused = inviting.run("event", "invite", inviting.roster("name\nCy\n"), "--json", *USERS)
    assert (refused.exit_code, json.loads(refused.stdout)["exit_code"]) == (2, 2)


def test_a_dry_run_invites_nobody(inviting: Inviting) -> None:
    assert "an hour of a seat" in inviting.invite(inviting.roster(), "--dry-run")
    document = json.loads(inviting.run("event", "invite", inviting.roster(), "--dry-run", "--json", *USERS).stdout)
    assert [one["person"] for one in document["invited"]] == ["workshop-01", "workshop-02"]
    assert document["conditions"]["template"] == "coder/docker"
    assert inviting.people() == []


@pytest.mark.parametrize("inviting", [MAIL + ", internal_domains: [corp.example.com]"], indirect=True)
def test_internal_people_are_told_apart_by_their_domain_or_by_the_roster(inviting: Inviting) -> None:
    inviting.invite(inviting.roster("email,external\na@corp.example.com,\nb@example.com,no\nc@example.com,\n"))
    assert [one.is_external for one in inviting.store.invitations.all()] == [False, False, True]


def test_who_has_accepted_elsewhere_gets_a_seat_like_all_who_accept(inviting: Inviting) -> None:
    inviting.invite(inviting.roster("email,accepted\na@example.com,yes\nb@example.com,no\n"))
    assert [one.is_wanted for one in inviting.store.records.seats()] == [True, False]
    assert [one.accepted_at is not None for one in inviting.store.invitations.all()] == [True, False]


def test_who_had_a_seat_already_keeps_it(inviting: Inviting) -> None:
    roster = inviting.roster("email\nbob@corp.example.com\n")
    assert inviting.run("event", "participants", "--add", roster, *USERS).exit_code == 0
    inviting.invite(inviting.roster())
    assert [(one.seat, one.email) for one in inviting.store.records.seats()] == [
        (1, "bob@corp.example.com"),
        (2, "ada@example.com"),
    ]
    assert inviting.people() == ["workshop-01", "workshop-02"]


@pytest.mark.parametrize("inviting", [f"{MAIL}, github_organization: coder-contrib"], indirect=True)
def test_whether_people_are_in_the_organization_on_github(inviting: Inviting, monkeypatch: pytest.MonkeyPatch) -> None:
    roster = inviting.roster("email,account,github\na@example.com,ada,\nb@example.com,,bob\nc@example.com,,\n")
    skipped = "Warning: whether people are in coder-contrib on GitHub was not looked at: "
    assert f"{skipped}the sandbox asks nobody." in inviting.invite(roster, "--dry-run")
    monkeypatch.setattr(Stack, "is_sandbox", property(lambda _: False))
    assert f"{skipped}WORKSHOP_GITHUB_TOKEN is empty." in inviting.invite(roster, "--dry-run")
    found = {"ada": Membership.NOT_FOUND, "bob": Membership.PENDING}

    def answered(*_arguments: object) -> dict[str, Membership]:
        return found

    monkeypatch.setattr("workshop.cli.commands.event.organization.memberships", answered)
    monkeypatch.setenv("WORKSHOP_GITHUB_TOKEN", "x")
    text = inviting.invite(roster, "--dry-run")
    assert "Warning: not in coder-contrib on GitHub, so that Coder will not let them in: workshop-01." in text
    assert "Warning: invited, and not yet in coder-contrib on GitHub, so" in text
    assert "Warning: of 1 person it is inconclusive whether they are in coder-contrib on GitHub" in text


def test_staff_are_invited_one_by_one(inviting: Inviting) -> None:
    text = inviting.invite("--staff", "helper", "--email", "eve@example.com", "--name", "Eve")
    assert "Invited: staff-1, helper, 1 mail in the outbox" in text
    inviting.invite("--staff", "instructor", "--email", "alex@example.com")
    assert [(one.person, one.role, one.email) for one in inviting.store.invitations.all()] == [
        ("staff-1", "helper", "eve@example.com"),
        ("staff-2", "instructor", "alex@example.com"),
    ]
    again = inviting.refused("--staff", "helper", "--email", "EVE@example.com")
    assert "workshop event invite --resend staff-1" in again


@pytest.mark.parametrize("inviting", ["join_host: join.example.com"], indirect=True)
def test_one_persons_link_is_shown_once_where_no_mail_is_set_up(inviting: Inviting) -> None:
    text = inviting.invite("--staff", "instructor", "--email", "alex@example.com")
    token = text.partition("http://127.0.0.1:47880/i/")[2].split()[0]
    assert inviting.store.invitations.person_of(hash_of(token), datetime.now(UTC)) == "staff-1"
    again = inviting.invite("--resend", "staff-1").partition("http://127.0.0.1:47880/i/")[2].split()[0]
    assert again != token
    assert inviting.store.invitations.person_of(hash_of(again), datetime.now(UTC)) == "staff-1"


def test_an_invitation_is_sent_again_and_taken_back(inviting: Inviting) -> None:
    inviting.invite(inviting.roster())
    assert "Invited: workshop-02, participant, 1 mail" in inviting.invite("--resend", "2")
    assert [(one.sequence, one.revision) for one in inviting.store.outbox.all() if one.person == "workshop-02"] == [
        (0, 0),
        (1, 1),
    ]
    inviting.store.invitations.accepted("workshop-02", datetime.now(UTC))
    assert "workshop event end --seat 2" in inviting.invite("--revoke", "2")
    assert not inviting.store.records.seats()[1].is_wanted
    assert "was taken back before" in inviting.refused("--revoke", "workshop-02")
    inviting.invite("--resend", "2")
    found = inviting.store.invitations.of("workshop-02")
    assert found is not None
    assert found.revoked_at is None
    assert inviting.store.records.seats()[1].is_wanted


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ((), "Say whom"),
        (("--resend", "1", "--revoke", "2"), "Say whom"),
        (("--resend", "9"), "Nobody was invited as workshop-09"),
        (("--revoke", "staff-9"), "Nobody was invited as staff-9"),
        (("--staff", "helper"), "--staff needs --email"),
        (("--staff", "helper", "--email", "eve"), "email must be an e-mail address"),
        (("--staff", "helper", "--email", "eve@example.com", "--name", "E\x1b"), "name must have"),
        (("--staff", "participant", "--email", "eve@example.com"), "participants are invited by a roster"),
        (("no-such.csv",), "No such file"),
    ],
)
def test_what_can_not_be_done_is_refused(inviting: Inviting, arguments: tuple[str, ...], reason: str) -> None:
    assert reason in inviting.refused(*arguments)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("email\nada@@example\nbob@example.com\n", "line 2: email must be"),
        ("email\n" + "".join(f"p{n}@example.com\n" for n in range(11)), "11 people are more than the 10 seats"),
    ],
)
def test_of_a_roster_that_can_not_be_used_nobody_is_invited(inviting: Inviting, text: str, reason: str) -> None:
    assert reason in inviting.refused(inviting.roster(text))
    assert inviting.people() == []
    assert inviting.store.records.seats() == ()
