"""What mails say: the same as text and as HTML, whatever people are called, and with the organizer's own words."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any, Final

import pytest
from icalendar import Calendar

from tests.event.mail.conftest import NOW, settings_of
from workshop.event.failure import EventFailure
from workshop.event.mail.entry import entry_of
from workshop.event.mail.message import message_of
from workshop.event.mail.texts import Text, Texts
from workshop.model.event.mail.due import next_mail, times_of
from workshop.model.event.mail.facts import Recipient, facts_of
from workshop.model.event.mail.outbox import KINDS, WITH_CALENDAR, Mail, template_of
from workshop.model.event.people import Invitation, Role
from workshop.model.event.receipts import Receipt, Result, archive_key
from workshop.model.settings.section import given
from workshop.model.settings.stack import Settings

LINK: Final = "https://join.example.com/i/TOKEN"
SETTINGS: Final = settings_of(25, survey_url="https://example.com/survey")
INVITED: Final = Invitation(person="workshop-07", role=Role.PARTICIPANT, seat=7, invited_at=NOW, max_devices=2)
ADA: Final = Recipient(invitation=INVITED, email="ada@example.com", name="Ada")


def mail_of(kind: str, settings: Settings = SETTINGS) -> Mail:
    return next_mail(kind, "workshop-07", times_of(settings, None, None), (), NOW)


def written(kind: str, to: Recipient = ADA, settings: Settings = SETTINGS, own: Path | None = None) -> Text:
    mail, times = mail_of(kind, settings), times_of(settings, None, None)
    facts = facts_of(settings, times, mail, to, LINK, times.ends_at - timedelta(minutes=30))
    return Texts(own).write(template_of(kind), facts)


def words(html: str) -> str:
    body = re.sub(r"<head>.*</head>", "", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).split())


@pytest.mark.parametrize("kind", [*(one for one in KINDS if one != "ends-in"), "ends-in-30"])
@pytest.mark.parametrize("role", [*Role])
def test_every_mail_is_whole_in_text_and_html(kind: str, role: Role) -> None:
    text = written(kind, replace(ADA, invitation=replace(INVITED, role=role)))
    assert text.subject.startswith("Agents & clouds")
    assert "\n" not in text.subject
    assert text.plain.startswith("Hello Ada,\n\n")
    assert "None" not in text.plain.replace("None of your work", "")
    assert "\n\n\n" not in text.plain
    for paragraph in text.plain.split("\n\n"):
        for line in paragraph.strip().split("\n"):
            assert line.rstrip(":") in words(text.html)


def test_an_invitation_says_what_is_kept_how_long_and_who_may_read_it() -> None:
    plain = written("invitation").plain
    assert "on Friday, 9 October 2026, 12:00 to 16:00 (Europe/London)." in plain
    assert "Sign in to Coder with GitHub, as ada@example.com." in plain
    assert "up to 512 MiB, without caches and without what holds credentials, and kept until 8 November 2026" in plain
    assert "You and the instructor may download it, helpers may not." in plain
    assert "on 2 devices at a time; please do not pass it on" in plain
    assert plain.count(LINK) == 1


def test_conditions_change_an_invitations_words() -> None:
    other = replace(INVITED, max_devices=None, is_transferable=True, expires_at=NOW + timedelta(days=7))
    plain = written("invitation", replace(ADA, invitation=other, account="ada-l", name="")).plain
    assert plain.startswith("Hello,\n\n")
    assert "Accept before Friday, 9 October 2026, 12:00 (Europe/London)." in plain
    assert "The link is yours; you may pass it on" in plain
    assert "with GitHub, as ada-l." in plain


def test_where_the_work_is() -> None:
    at = NOW + timedelta(days=7, hours=4)
    key = archive_key("october", 7, at, 1)
    saved = Receipt(
        seat=7, workspace_id="w", build_number=1, at=at, result=Result.SAVED, key=key, sha256="0" * 64, bytes=1
    )
    plain = written("where-your-work-is", replace(ADA, receipts=[saved])).plain
    assert "saved last on Friday, 9 October 2026, 16:00 (Europe/London)" in plain
    assert LINK in plain
    failed = Receipt(seat=7, workspace_id="w", build_number=1, at=at, result=Result.FAILED, reason="its disk was gone")
    assert "was saved: its disk was gone." in written("where-your-work-is", replace(ADA, receipts=[failed])).plain
    empty = Receipt(seat=7, workspace_id="w", build_number=1, at=at, result=Result.EMPTY)
    assert "there were no files" in written("where-your-work-is", replace(ADA, receipts=[empty])).plain
    assert "nothing could be copied out of it" in written("where-your-work-is").plain


def test_what_people_are_called_is_no_markup() -> None:
    text = written("invitation", replace(ADA, name="<script>alert(1)</script> {{ link }}"))
    assert "<script>" not in text.html
    assert "Hello <script>alert(1)</script> {{ link }}," in text.plain


def test_names_do_not_reach_other_headers() -> None:
    to = replace(ADA, name='Zoë "Z" Łąk, <eve@example.com>')
    message = message_of(SETTINGS, mail_of("invitation"), to, written("invitation", to), NOW)
    assert [address.addr_spec for address in message["To"].addresses] == ["ada@example.com"]
    assert message["To"].addresses[0].display_name == to.name
    assert message.as_bytes().isascii()


def test_own_templates_take_the_place_of_ours_one_by_one(tmp_path: Path) -> None:
    (tmp_path / "thanks.txt").write_text(
        '{% extends "frame.txt" %}{% block subject %}Merci{% endblock %}{% block text %}\nÀ bientôt.\n{% endblock %}',
        encoding="utf-8",
    )
    (tmp_path / "ready.html").write_text("<p>{{ seat }} & more of {{ title }}</p>", encoding="utf-8")
    assert written("thanks", own=tmp_path).subject == "Merci"
    assert "À bientôt." in words(written("thanks", own=tmp_path).html)
    assert written("ready", own=tmp_path).html == "<p>workshop-07 & more of Agents &amp; clouds</p>"
    assert written("invitation", own=tmp_path) == written("invitation")


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("Subject: x\n\n{{ colour }}", "mail can't be written: thanks.txt: 'colour' is undefined"),
        ("Subject: x\n\n{% if %}", "mail can't be written: thanks.txt: Expected an expression"),
        ("{% extends 'no.txt' %}", "mail can't be written: no.txt: 'no.txt' not found"),
        ("{{ 1 + 'a' }}", "mail can't be written: thanks.txt: unsupported operand"),
        ("{{ ''.__class__.mro() }}", "mail can't be written: thanks.txt: access to attribute '__class__'"),
    ],
)
def test_a_template_that_can_not_be_used_is_named(tmp_path: Path, template: str, reason: str) -> None:
    (tmp_path / "thanks.txt").write_text(template, encoding="utf-8")
    with pytest.raises(EventFailure) as refused:
        written("thanks", own=tmp_path)
    assert str(refused.value).startswith(reason)


def entry(mail: Mail, settings: Settings = SETTINGS) -> tuple[Calendar, Any]:
    calendar = Calendar.from_ical(entry_of(settings, mail, ADA, NOW))
    assert isinstance(calendar, Calendar)
    return calendar, calendar.events[0]


def test_an_entry_has_its_zone_and_no_link() -> None:
    calendar, event = entry(mail_of("invitation"))
    assert (calendar["METHOD"], event["UID"], event["SEQUENCE"]) == (
        "REQUEST",
        "october.workshop-07@join.example.com",
        0,
    )
    assert event.start == times_of(SETTINGS, None, None).starts_at
    assert event["DTSTART"].params["TZID"] == "Europe/London"
    assert event["DTSTART"].to_ical() == b"20261009T120000"
    assert [str(zone["TZID"]) for zone in calendar.timezones] == ["Europe/London"]
    assert (str(event["ORGANIZER"]), str(event["ATTENDEE"])) == (
        "mailto:workshop@example.com",
        "mailto:ada@example.com",
    )
    assert "/i/" not in calendar.to_ical().decode()


def test_without_a_zones_name_it_is_in_utc() -> None:
    unnamed = given(SETTINGS.event).model_copy(update={"time_zone": None})
    calendar, event = entry(mail_of("invitation"), SETTINGS.model_copy(update={"event": unnamed}))
    assert event["DTSTART"].to_ical() == b"20261009T110000Z"
    assert list(calendar.timezones) == []


def test_it_changes_and_goes_with_later_mails() -> None:
    changed = replace(mail_of("changed"), revision=1)
    cancelled = replace(mail_of("cancelled"), revision=2)
    found = [
        (str(one["METHOD"]), int(event["SEQUENCE"]), str(event["STATUS"]))
        for one, event in map(entry, (changed, cancelled))
    ]
    assert found == [("REQUEST", 1, "CONFIRMED"), ("CANCEL", 2, "CANCELLED")]
    assert len({str(entry(one)[1]["UID"]) for one in (mail_of("invitation"), changed, cancelled)}) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_only_some_kinds_carry_it(kind: str) -> None:
    mail = mail_of(kind)
    kinds = [part.get_content_type() for part in message_of(SETTINGS, mail, ADA, written(kind), NOW).walk()]
    assert ("text/calendar" in kinds) == (kind in WITH_CALENDAR)
