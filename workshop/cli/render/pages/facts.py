"""An event's facts, in the words of its pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from workshop.model.event.keeper import control_plane, kept_until
from workshop.model.event.seats import own_spans
from workshop.model.plan.event import EventPlan
from workshop.model.settings.section import given
from workshop.model.settings.stack import Settings
from workshop.model.settings.types import written

_INTRODUCTION, _ONBOARDING, _FEEDBACK, _BREAK = (timedelta(minutes=minutes) for minutes in (5, 10, 10, 15))
_LONG: Final = timedelta(hours=2)
"""Of exercises, from which on there is a break in the middle."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of the agenda. at: when it begins, in the event's zone; minutes: how long it takes."""

    at: str
    minutes: int
    what: str


def facts(settings: Settings, plan: EventPlan, stack_option: str) -> dict[str, Any]:
    """What templates are given. stack_option: what a command needs to be about this stack, with a blank before it."""
    event, window = given(settings.event), given(settings.window)
    zone = window.start.tzinfo if event.time_zone is None else ZoneInfo(event.time_zone)

    def said(at: datetime) -> str:
        own, utc = at.astimezone(zone), at.astimezone(ZoneInfo("UTC"))
        if not own.utcoffset():
            return f"{utc:%A %d %B %Y, %H:%M} UTC"
        day = "" if own.date() == utc.date() else f", {utc:%d %B}"
        return f"{own:%A %d %B %Y, %H:%M} {_zone(own)} ({utc:%H:%M} UTC{day})"

    spans = own_spans(event, plan, window, None)
    early = (
        None if plan.early is None else {"starts_at": said(plan.early.starts_at), "hours": written(event.early_hours)}
    )
    return {
        "title": event.shown_title,
        "name": event.name,
        "template": event.template,
        "start": said(window.start),
        "end": said(window.start + window.duration),
        "seats_start": said(plan.starts_at),
        "seats_end": said(spans[-1].ends_at),
        "latest_end": said(plan.ends_at),
        "kept_until": said(kept_until(settings)),
        "zone": _zone(window.start.astimezone(zone)),
        "seats": plan.seats,
        "reserve": event.reserve,
        "coder": f"https://{control_plane(settings).domain}",
        "join": None if event.join_host is None else f"https://{event.join_host}",
        "survey": None if event.mail is None or event.mail.survey_url is None else str(event.mail.survey_url),
        "early": early,
        "warnings": " and ".join(written(one) for one in event.warnings) or "5m",
        "budget_usd": event.budget_usd,
        "ai_usd": event.ai_usd,
        "cap": event.cap,
        "cap_mib": event.saving.cap_mib,
        "retention_days": event.saving.retention_days,
        "stack": stack_option,
        "agenda": tuple(_agenda(window.start.astimezone(zone), window.duration)),
    }


def _agenda(start: datetime, duration: timedelta) -> Iterator[Part]:
    """The guide's parts: introduction, onboarding, exercises, feedback; with a break where exercises are long."""
    exercises = max(duration - _INTRODUCTION - _ONBOARDING - _FEEDBACK, timedelta(0))
    parts = [
        ("Welcome, aims, the platform", _INTRODUCTION),
        ("Everybody logs in and opens their workspace", _ONBOARDING),
    ]
    if exercises > _LONG:
        half = (exercises - _BREAK) / 2
        parts += [("Exercises", half), ("Break; workspaces go on", _BREAK), ("Exercises", half)]
    elif exercises:
        parts.append(("Exercises", exercises))
    parts.append(("Feedback, and where your work is", _FEEDBACK))
    at = start
    for what, time in parts:
        yield Part(at=f"{at:%H:%M}", minutes=round(time / timedelta(minutes=1)), what=what)
        at += time


def _zone(at: datetime) -> str:
    """Of a moment: what people call it, or its offset."""
    name = at.tzname() or "UTC"
    return name if name.isalpha() else at.isoformat()[-6:]
