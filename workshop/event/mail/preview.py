"""Every kind of mail as a made-up person would get it; nothing is sent, and its link opens nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Final

from workshop.event.mail.message import message_of
from workshop.event.mail.texts import Texts
from workshop.model.event.keeper import join_url
from workshop.model.event.mail.due import Times, next_mail
from workshop.model.event.mail.facts import Recipient, facts_of
from workshop.model.event.mail.outbox import ENDS_IN, KINDS, kind_of_warning, template_of
from workshop.model.event.people import DEVICES, Invitation, Role, link_of, person_of_seat
from workshop.model.event.receipts import Receipt, Result, archive_key
from workshop.model.settings.section import given
from workshop.model.settings.stack import Settings

_SEAT: Final = 7
_DAYS_BEFORE: Final = timedelta(days=7)


def previews(settings: Settings, times: Times, own: Path | None) -> Mapping[str, str]:
    """Files by name: KIND.txt, KIND.html and KIND.eml. own: the folder of the event's templates.

    Raises EventFailure for a template that can't be used, ValueError where no event or mail is set up.
    """
    event, person, at = given(settings.event), person_of_seat(_SEAT), times.starts_at - _DAYS_BEFORE
    invitation = Invitation(person=person, role=Role.PARTICIPANT, seat=_SEAT, invited_at=at, max_devices=DEVICES)
    key = archive_key(event.name, _SEAT, times.ends_at, 1)
    receipt = Receipt(
        seat=_SEAT,
        workspace_id="",
        build_number=1,
        at=times.ends_at,
        result=Result.SAVED,
        key=key,
        sha256="0" * 64,
        bytes=1,
    )
    to = Recipient(invitation=invitation, email="ada@example.com", name="Ada Lovelace", receipts=[receipt])
    texts, files = Texts(own), dict[str, str]()
    for kind in KINDS:
        mail = next_mail(kind_of_warning(30) if kind == ENDS_IN else kind, person, times, (), at)
        now = times.ends_at - timedelta(minutes=30) if kind == ENDS_IN else at
        link = link_of("x" * 43, join_url(settings))
        text = texts.write(template_of(mail.kind), facts_of(settings, times, mail, to, link, now))
        files |= {
            f"{mail.kind}.txt": f"Subject: {text.subject}\n\n{text.plain}",
            f"{mail.kind}.html": text.html,
            f"{mail.kind}.eml": message_of(settings, mail, to, text, now).as_string(),
        }
    return files
