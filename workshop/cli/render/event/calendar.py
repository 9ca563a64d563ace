"""The monthly workshops as a calendar: text, and a file that any calendar takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from icalendar import STATUS, TRANSP, Calendar, Event
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
    entries = [entry for one in planned for entry in _entries(one, zone, now.astimezone(UTC).replace(microsecond=0))]
    calendar = Calendar.new(
        prodid="-//ai-coder-workshop//monthly//EN", method="PUBLISH", uid=f"monthly@{zone}", subcomponents=entries
    )
    return calendar.to_ical()


def _entries(one: Monthly, zone: str, now: datetime) -> Iterator[Event]:
    yield Event.new(
        uid=f"{one.key}-workshop@{zone}",
        stamp=now,
        summary="Agentic workshop",
        start=one.starts_at.astimezone(UTC),
        end=one.ends_at.astimezone(UTC),
        status=STATUS.CONFIRMED if one.is_set else STATUS.TENTATIVE,
    )
    for reminder in one.reminders:
        yield Event.new(
            uid=f"{one.key}-{reminder.day}@{zone}",
            stamp=now,
            summary=f"Workshop {reminder.day}: checklist",
            description="\n".join([*(f"- {what}" for what in reminder.what), "scripts/workshop checklist"]),
            start=reminder.at.date(),
            end=reminder.at.date() + timedelta(days=1),
            transparency=TRANSP.TRANSPARENT,
        )
