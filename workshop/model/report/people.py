"""Who came, how they worked, and whether they got to the end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from workshop.model.event.receipts import Result
from workshop.model.event.seats import workspace_name
from workshop.model.report.history import History, Invited, SeatHistory
from workshop.model.report.section import Part, percent_of
from workshop.model.report.timeline import SeatTimeline
from workshop.model.report.times import Times

STAYED_WITHIN: Final = timedelta(minutes=15)
"""Before a seat's end; whose workspace is ready then has stayed until the end."""

DEFINITIONS: Final[Mapping[str, str]] = {
    "tested": "whose workspace was ready in early access",
    "came": "whose work changed while the event ran, or who was at the door, raised a hand or asked for something then",
    "completed": "who came, and said that they were done or had a workspace that ran into the last 15 minutes",
    "engagement": "of who came, by saves of work, about one in half an hour: high where work had changed in half of "
    "them or more, medium where in fewer, low where in none; a workspace's first save has nothing to compare with",
}
"""What the figures of people mean."""


class Engagement(StrEnum):
    """How much somebody worked."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    UNKNOWN = "not measured"


class Attendance(Part):
    """Of one kind of people. came: None where nothing could tell."""

    invited: int
    accepted: int
    tested: int
    came: int | None


class People(Part):
    """internal, external: None without invitations, which alone say who is which. completed: None as came.

    seat_hours: for how long workspaces could be worked in while the event ran; seats_used: by how many.
    """

    everybody: Attendance
    internal: Attendance | None
    external: Attendance | None
    completed: int | None
    completion_percent: float | None
    engagement: Mapping[Engagement, int]
    seats_used: int
    seat_hours: float


@dataclass(frozen=True, kw_only=True)
class Participant:
    """What is known of one seat's person. came: None where nothing could tell. is_external: None if never invited."""

    seat: int
    has_accepted: bool
    has_tested: bool
    came: bool | None
    has_completed: bool
    engagement: Engagement
    is_external: bool | None
    time_ready: timedelta


def participants_of(history: History, lines: Mapping[int, SeatTimeline], times: Times) -> tuple[Participant, ...]:
    """Everybody with a seat, by its number."""
    there = _there(history, times)
    changes = {number: _changes(history, line, times) for number, line in lines.items()}
    is_known = bool(there) or any(compared for _, compared in changes.values())
    invited = {one.person: one for one in history.invitations}
    return tuple(
        _participant(
            seat,
            lines[seat.seat],
            (workspace_name(seat.seat) in there, *changes[seat.seat]) if is_known else None,
            invited.get(workspace_name(seat.seat)),
            times,
        )
        for seat in history.seats
    )


def people(participants: Iterable[Participant]) -> People:
    """All of them together."""
    found = [*participants]
    came = [one for one in found if one.came]
    is_known = any(one.came is not None for one in found)
    kinds = {kind: [one for one in found if one.is_external is kind] for kind in (False, True)}
    is_split = any(kinds.values())
    hours = sum((one.time_ready for one in found), timedelta(0)) / timedelta(hours=1)
    completed = sum(one.has_completed for one in came)
    return People(
        everybody=_attendance(found),
        internal=_attendance(kinds[False]) if is_split else None,
        external=_attendance(kinds[True]) if is_split else None,
        completed=completed if is_known else None,
        completion_percent=percent_of(completed, len(came)),
        engagement={kind: sum(one.engagement is kind for one in came) for kind in Engagement},
        seats_used=sum(one.time_ready > timedelta(0) for one in found),
        seat_hours=round(hours, 1),
    )


def _participant(
    seat: SeatHistory,
    line: SeatTimeline,
    seen: tuple[bool, int, int] | None,
    invitation: Invited | None,
    times: Times,
) -> Participant:
    """seen: whether they were there, and in how many of how many saves their work had changed."""
    end = times.ends_at[seat.seat]
    came = None if seen is None else seen[0] or seen[1] > 0
    has_stayed = seat.finished_at is not None or line.was_ready(end - STAYED_WITHIN, end)
    return Participant(
        seat=seat.seat,
        has_accepted=seat.is_wanted if invitation is None else invitation.accepted_at is not None,
        has_tested=times.early_at is not None and line.was_ready(times.early_at, times.starts_at),
        came=came,
        has_completed=bool(came) and has_stayed,
        engagement=Engagement.UNKNOWN if seen is None else _engagement(*seen[1:]),
        is_external=None if invitation is None else invitation.is_external,
        time_ready=line.time_ready(times.starts_at, end),
    )


def _there(history: History, times: Times) -> frozenset[str]:
    """Persons of whom something was heard while the event ran."""
    since, until = times.opens_at - STAYED_WITHIN, times.last_end
    visits = {one.person for one in history.visits if one.made_at <= until and one.seen_at >= since}
    asked = {one.person for one in history.asked if since <= one.at <= until}
    hands = {workspace_name(one.seat) for one in history.hands if since <= one.raised_at <= until}
    return frozenset(visits | asked | hands)


def _changes(history: History, line: SeatTimeline, times: Times) -> tuple[int, int]:
    """In how many saves while the event ran the work had changed, and how many there were to compare.

    A save of unchanged work leaves no receipt of its own.
    """
    kept = {one.at: one for one in history.receipts if one.seat == line.seat and one.result is Result.SAVED}
    saves = [at for at in line.saved_at if times.starts_at <= at]
    changed = sum(at in kept for at in saves[1:])
    return changed, max(len(saves) - 1, 0)


def _engagement(changed: int, compared: int) -> Engagement:
    if not compared:
        return Engagement.UNKNOWN
    if changed * 2 >= compared:
        return Engagement.HIGH
    return Engagement.MEDIUM if changed else Engagement.LOW


def _attendance(found: Iterable[Participant]) -> Attendance:
    them = [*found]
    is_known = any(one.came is not None for one in them)
    return Attendance(
        invited=len(them),
        accepted=sum(one.has_accepted for one in them),
        tested=sum(one.has_tested for one in them),
        came=sum(bool(one.came) for one in them) if is_known else None,
    )
