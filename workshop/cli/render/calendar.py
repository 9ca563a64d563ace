"""The monthly workshops as a calendar: text, and a file that any calendar takes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Event
from rich.console import Console

from workshop.cli.render.message import print_message
from workshop.cli.render.tables import plain_table
from workshop.cli.render.times import with_offset
from workshop.model.preflight.cadence import Monthly
from workshop.model.settings.window import Window
from workshop.model.window.phases import moment


def print_calendar(planned: Iterable[Monthly], window: Window | None, screen: Console) -> None:
    """A line a workshop, and one for each day before it on which something is due."""
    table = plain_table("when", "what")
    for one in planned:
        for reminder in one.reminders:
            table.add_row(f"{reminder.at.astimezone(UTC):%Y-%m-%d}", f"{reminder.day}: {', '.join(reminder.what)}")
        table.add_row(moment(one.starts_at), f"WORKSHOP{'' if one.is_set else ' (not set yet)'}")
    screen.print(table)
    if window is not None and window.start.utcoffset():
        screen.print()
        print_message(screen, with_offset(f"Times are as of the window's start, {moment(window.start)}.", window))


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
