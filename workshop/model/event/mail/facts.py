"""What mails say of an event and of one person's part in it, in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from workshop.model.counting import counted
from workshop.model.event.keeper import control_plane
from workshop.model.event.mail.due import Times
from workshop.model.event.mail.outbox import ENDS_IN, Mail
from workshop.model.event.people import Invitation
from workshop.model.event.receipts import Receipt, Result
from workshop.model.event.seats import workspace_name
from workshop.model.settings.section import given
from workshop.model.settings.stack import Settings

LOGINS: Final[Mapping[str, str]] = {
    "github": "GitHub",
    "oidc": "your organization's account",
    "password": "a password of your own",
}
"""What people sign in to Coder with, by workshop:event.login."""

NO_WORK: Final[Mapping[Result, str]] = {
    Result.EMPTY: "there were no files in your workspace",
    Result.DECLINED: "you did not want it to be saved",
}
"""Why there is no saved work; for other results their receipt's reason says it."""


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """Whom a mail is to. account: in Coder, as far as it is known. receipts: of attempts to save their work."""

    invitation: Invitation
    email: str
    name: str
    account: str | None = None
    receipts: Collection[Receipt] = ()


def zone_of(settings: Settings) -> tzinfo:
    """Where the event is. Raises ValueError where no event or window is set."""
    name, start = given(settings.event).time_zone, given(settings.window).start
    return given(start.tzinfo) if name is None else ZoneInfo(name)


def facts_of(
    settings: Settings, times: Times, mail: Mail, to: Recipient, link: str, now: datetime
) -> dict[str, object]:
    """By the names that templates know them by; every moment is in the event's zone, and says so."""
    event, zone = given(settings.event), zone_of(settings)
    mailing = given(event.mail)
    shape = max(settings.workspaces.shapes, key=lambda one: (one.vcpu, one.memory_gib))
    warns_of = mail.ends_at if mail.kind.startswith(ENDS_IN) else None
    return {
        "title": event.shown_title,
        "name": to.name,
        "role": to.invitation.role.value,
        "seat": "" if to.invitation.seat is None else workspace_name(to.invitation.seat),
        "link": link,
        "again": mail.sequence > 0,
        "accepted": to.invitation.accepted_at is not None,
        "day": f"{mail.starts_at.astimezone(zone):%A, %-d %B %Y}",
        "when": shown_span(mail.starts_at, mail.ends_at if warns_of is None else times.ends_at, zone),
        "ends": shown_time(times.ends_at, zone),
        "kept_until": shown_day(times.kept_until, zone),
        "accept_by": None if to.invitation.expires_at is None else shown(to.invitation.expires_at, zone),
        "early_from": None if times.early is None else shown(times.early.starts_at, zone),
        "early_hours": _in_words(event.early_hours),
        "workspace": f"{shape.vcpu} CPU and {shape.memory_gib} GiB of memory at most",
        "devices": None if to.invitation.max_devices is None else counted(to.invitation.max_devices, "device"),
        "transferable": to.invitation.is_transferable,
        "login": LOGINS[event.login],
        "is_password": event.login == "password",
        "account": to.account or to.email,
        "coder_url": f"https://{control_plane(settings).domain}",
        "cap_mib": event.saving.cap_mib,
        "minutes": "" if warns_of is None else counted(max(round((warns_of - now).total_seconds() / 60), 1), "minute"),
        "end": "" if warns_of is None else shown_time(warns_of, zone),
        "work": _work(to.receipts, zone),
        "no_work": _no_work(to.receipts),
        "survey_url": mailing.survey_url,
    }


def shown(when: datetime, zone: tzinfo) -> str:
    """Saturday, 6 November 2027, 09:00 (Europe/London)."""
    return f"{when.astimezone(zone):%A, %-d %B %Y}, {shown_time(when, zone)}"


def shown_span(starts_at: datetime, ends_at: datetime, zone: tzinfo) -> str:
    """Saturday, 6 November 2027, 09:00 to 13:00 (Europe/London); with the last day's name where it is another."""
    first, last = starts_at.astimezone(zone), ends_at.astimezone(zone)
    until = f"{last:%A, %-d %B %Y}, " if last.date() != first.date() else ""
    return f"{first:%A, %-d %B %Y}, {first:%H:%M} to {until}{shown_time(last, zone)}"


def shown_time(when: datetime, zone: tzinfo) -> str:
    """09:00 (Europe/London), or 09:00 (UTC-07:00) where the zone has no name."""
    return (
        f"{when.astimezone(zone):%H:%M} ({zone.key if isinstance(zone, ZoneInfo) else when.astimezone(zone).tzname()})"
    )


def shown_day(when: datetime, zone: tzinfo) -> str:
    """6 November 2027."""
    return f"{when.astimezone(zone):%-d %B %Y}"


def _in_words(time: timedelta) -> str:
    hours, rest = divmod(time, timedelta(hours=1))
    return counted(time // timedelta(minutes=1), "minute") if rest else counted(hours, "hour")


def _work(receipts: Collection[Receipt], zone: tzinfo) -> str:
    """When work was saved last; empty where none was."""
    saved = [one for one in receipts if one.key]
    return shown(max(saved, key=lambda one: one.at).at, zone) if saved else ""


def _no_work(receipts: Collection[Receipt]) -> str:
    last = max(receipts, key=lambda one: one.at, default=None)
    if last is None:
        return "nothing could be copied out of it"
    return NO_WORK.get(last.result, last.reason)
