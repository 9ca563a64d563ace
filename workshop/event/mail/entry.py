"""The event in people's calendars: one entry a person, which later mails change or take away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from typing import Any, Final
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event, vCalAddress

from workshop import __version__
from workshop.model.event.mail.facts import Recipient, zone_of
from workshop.model.event.mail.outbox import CANCELLED, Mail
from workshop.model.settings.section import given
from workshop.model.settings.stack import Settings

REMIND_BEFORE: Final = timedelta(minutes=30)

_RULES_AROUND: Final = timedelta(days=366)
"""Of the zone, that the entry carries: a change of clocks before it and one after it are among them."""


def method_of(mail: Mail) -> str:
    """What its calendar entry asks for: REQUEST or CANCEL (RFC 5546)."""
    return "CANCEL" if mail.kind == CANCELLED else "REQUEST"


def entry_of(settings: Settings, mail: Mail, to: Recipient, now: datetime) -> bytes:
    """The entry as iCalendar text; no link is in it, since calendars are shared. Raises ValueError without an event."""
    event = given(settings.event)
    host, zone = given(event.join_host), zone_of(settings)
    # Only a zone with a name has rules that a calendar can be told.
    starts_at, ends_at = (
        one.astimezone(zone if isinstance(zone, ZoneInfo) else UTC) for one in (mail.starts_at, mail.ends_at)
    )
    entry: Any = Event()  # what `add` takes is not typed
    entry.add("uid", f"{event.name}.{to.invitation.person}@{host}")
    entry.add("sequence", mail.revision or 0)
    entry.add("dtstamp", now.astimezone(UTC))
    entry.add("dtstart", starts_at)
    entry.add("dtend", ends_at)
    entry.add("summary", event.shown_title)
    entry.add("description", "Your page is in the mail with which this came, and in later ones.")
    entry.add("location", f"https://{host}")
    entry.add("status", "CANCELLED" if mail.kind == CANCELLED else "CONFIRMED")
    name, address = parseaddr(given(event.mail).sender)
    entry.add("organizer", _who(address, name))
    attendee = _who(to.email, to.name)
    attendee.params.update({"PARTSTAT": "NEEDS-ACTION", "RSVP": "FALSE"})
    entry.add("attendee", attendee)
    if mail.kind != CANCELLED:
        alarm: Any = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", event.shown_title)
        alarm.add("trigger", -REMIND_BEFORE)
        entry.add_component(alarm)
    calendar: Any = Calendar()
    calendar.add("prodid", f"-//ai-coder-workshop//{__version__}//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method_of(mail))
    calendar.add_component(entry)
    calendar.add_missing_timezones(
        first_date=starts_at.date() - _RULES_AROUND, last_date=ends_at.date() + _RULES_AROUND
    )
    return calendar.to_ical()


def _who(address: str, name: str) -> vCalAddress:
    who = vCalAddress(f"mailto:{address}")
    if name:
        who.params["CN"] = name
    return who
