"""One mail as it goes over the wire."""

from __future__ import annotations

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final

from workshop.event.mail.entry import entry_of, method_of
from workshop.event.mail.texts import Text
from workshop.model.event.mail.facts import Recipient
from workshop.model.event.mail.outbox import Mail
from workshop.model.settings.section import given
from workshop.model.settings.stack import Settings

_POLICY: Final = SMTP.clone(cte_type="7bit")
"""No server needs to know more than RFC 5321."""


def message_of(settings: Settings, mail: Mail, to: Recipient, text: Text, now: datetime) -> EmailMessage:
    """Text, HTML and, where its kind has one, the calendar's entry. Raises ValueError where no mail is set up."""
    event = given(settings.event)
    message = EmailMessage(policy=_POLICY)
    message["From"] = given(event.mail).sender
    local, _, domain = to.email.rpartition("@")
    message["To"] = Address(to.name, local, domain)
    message["Subject"] = text.subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = message_id(settings, mail)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text.plain)
    message.add_alternative(text.html, subtype="html")
    if mail.revision is not None:
        entry = entry_of(settings, mail, to, now).decode()
        message.add_alternative(entry, subtype="calendar", params={"method": method_of(mail)})
    return message


def message_id(settings: Settings, mail: Mail) -> str:
    """The same however often it is sent: by event, person, kind and sequence."""
    event = given(settings.event)
    return f"<{event.name}.{mail.person}.{mail.kind}.{mail.sequence}@{given(event.join_host)}>"
