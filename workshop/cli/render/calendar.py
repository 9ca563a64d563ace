"""The monthly workshops as a calendar: text, and a file that any calendar takes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Event
from rich.console import Console

from workshop.cli.render.tables import plain_table
from workshop.model.preflight.cadence import Monthly
from workshop.model.window.phases import moment


def print_calendar(planned: Iterable[Monthly], screen: Console) -> None:
    """A line a workshop, and one for each day before it on which something is due: what that is, once."""
    table = plain_table("when", "what")
    for place, one in enumerate(planned):
        for reminder in one.reminders:
            what = "the same" if place else "; ".join(reminder.what)
            table.add_row(f"{reminder.at:%Y-%m-%d}", f"{reminder.day}: {what}")
        table.add_row(_when(one.starts_at), f"WORKSHOP{'' if one.is_set else ' (not set yet)'}")
    screen.print(table)


def _when(at: datetime) -> str:
    """UTC, and as late as it is where the event is."""
    own = at.isoformat(timespec="minutes")[11:]
    return moment(at) if not at.utcoffset() else f"{moment(at)} ({own[:5]} {own[5:]})"


def calendar_file(planned: Iterable[Monthly], zone: str, now: datetime) -> bytes:
    """iCalendar. zone: whose workshops they are; an entry keeps its UID whenever it moves within its month."""
    calendar = Calendar()
    calendar.add("prodid", "-//ai-coder-workshop//monthly//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for one in planned:
        status = "CONFIRMED" if one.is_set else "TENTATIVE"
        workshop = _entry(f"{one.key}-workshop", zone, "Agentic workshop", now)
        workshop.add("dtstart", one.starts_at.astimezone(UTC))
        workshop.add("dtend", one.ends_at.astimezone(UTC))
        workshop.add("status", status)
        calendar.add_component(workshop)
        for reminder in one.reminders:
            entry = _entry(f"{one.key}-{reminder.day}", zone, f"Workshop {reminder.day}: checklist", now)
            entry.add("dtstart", reminder.at.date())
            entry.add("dtend", reminder.at.date() + timedelta(days=1))
            entry.add(
                "description", "\n".join([*(f"- {what}" for what in reminder.what), "scripts/workshop checklist"])
            )
            entry.add("transp", "TRANSPARENT")
            calendar.add_component(entry)
    return calendar.to_ical()


def _entry(key: str, zone: str, summary: str, now: datetime) -> Event:
    entry = Event()
    entry.add("uid", f"{key}@{zone}")
    entry.add("dtstamp", now.astimezone(UTC).replace(microsecond=0))
    entry.add("summary", summary)
    return entry
