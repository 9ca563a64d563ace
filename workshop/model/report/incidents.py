"""What went wrong while an event ran: what did not answer, what could not be done, who had to wait."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from pydantic import AwareDatetime

from workshop.model.event.seat_steps import READY_WITHIN
from workshop.model.event.seats import workspace_name
from workshop.model.legible import one_line
from workshop.model.report.history import History, Line
from workshop.model.report.section import Part
from workshop.model.report.timeline import SeatTimeline
from workshop.model.report.times import Times

WARNING: Final = "warning"
"""The journal's action of what looks had to say, from begun to done."""

NODE: Final = "node "
"""How a warning's subject begins that is about a node on which others work."""

LASTING: Final = timedelta(minutes=5)
"""What keeps somebody from working for longer is a blocker: the postmortem's target for resolving an incident."""

_REQUEST: Final = "ask-"
"""How the journal's actions begin that people asked for; what they may not have is no incident."""

_LETTERS: Final = 200


class Kind(StrEnum):
    """unseen: something did not answer; kept: a node could not be ended because others worked on it; step: something
    could not be done; late: a seat was not ready in time; given up: a seat was not tried again; hand: somebody waited
    for help."""

    UNSEEN = "unseen"
    KEPT = "kept"
    STEP = "step"
    LATE = "late"
    GIVEN_UP = "given up"
    HAND = "hand"


class Incident(Part):
    """subject: a system, or what was tried; seats by name. count: how often. minutes: how long in all, None where it
    has no length. is_blocker: it kept somebody from working for more than five minutes."""

    kind: Kind
    subject: str
    count: int
    since: AwareDatetime
    minutes: float | None
    what: str
    is_blocker: bool


def incidents(
    history: History, lines: Mapping[int, SeatTimeline], times: Times, as_of: datetime
) -> tuple[Incident, ...]:
    """All of them, the oldest first."""
    found = [
        *_warnings(history.lines, times, as_of),
        *_steps(history.lines),
        *_late(history, lines, times, as_of),
        *_hands(history, as_of),
    ]
    return tuple(sorted(found, key=lambda one: (one.since, one.kind, one.subject)))


def _warnings(lines: Iterable[Line], times: Times, as_of: datetime) -> Iterator[Incident]:
    """Each system once, with all its outages, and each node that was kept."""
    outages: dict[str, list[tuple[datetime, datetime, str]]] = {}
    open_: dict[str, Line] = {}
    for line in lines:
        if line.action == WARNING and line.phase == "begun":
            open_.setdefault(line.subject, line)
        elif line.action == WARNING and line.subject in open_:
            begun = open_.pop(line.subject)
            outages.setdefault(line.subject, []).append((begun.at, line.at, begun.text))
    for subject, begun in open_.items():
        outages.setdefault(subject, []).append((begun.at, max(as_of, begun.at), begun.text))
    for subject, each in outages.items():
        while_open = [min(until, times.last_end) - max(since, times.opens_at) for since, until, _ in each]
        yield Incident(
            kind=Kind.KEPT if subject.startswith(NODE) else Kind.UNSEEN,
            subject=subject,
            count=len(each),
            since=each[0][0],
            minutes=_minutes(sum((until - since for since, until, _ in each), timedelta(0))),
            what=one_line(each[0][2], _LETTERS),
            is_blocker=subject == "Coder" and max(while_open) > LASTING,
        )


def _steps(lines: Iterable[Line]) -> Iterator[Incident]:
    """By what was tried: seats that met the same are one incident."""
    failed: dict[str, list[Line]] = {}
    for line in lines:
        if line.phase == "failed" and not line.action.startswith(_REQUEST):
            failed.setdefault(line.action, []).append(line)
    for action, each in failed.items():
        yield Incident(
            kind=Kind.STEP,
            subject=action,
            count=len(each),
            since=each[0].at,
            minutes=None,
            what=one_line(each[0].text, _LETTERS),
            is_blocker=False,
        )


def _late(history: History, lines: Mapping[int, SeatTimeline], times: Times, as_of: datetime) -> Iterator[Incident]:
    """Seats that were to be ready by when people came, or that the keeper gave up."""
    due = max(times.starts_at + READY_WITHIN, times.opens_at)
    for seat in history.seats:
        line = lines[seat.seat]
        if not line.spells or not seat.is_wanted or as_of <= due:
            continue
        name = workspace_name(seat.seat)
        lost = next((one for one in line.spells if one.state == "lost"), None)
        if lost is not None:
            yield Incident(
                kind=Kind.GIVEN_UP,
                subject=name,
                count=seat.failures,
                since=lost.since,
                minutes=_minutes(lost.until - lost.since),
                what="its starts failed too often",
                is_blocker=True,
            )
            continue
        begun = any(start.begun_at >= times.starts_at for start in line.starts)
        ready = next((max(one.since, due) for one in line.spells if one.state == "ready" and one.until > due), None)
        end = min(ready or as_of, times.ends_at[seat.seat])
        if begun and end > due and line.state(due) in ("planned", "starting", "failed"):
            yield Incident(
                kind=Kind.LATE,
                subject=name,
                count=1,
                since=due,
                minutes=_minutes(end - due),
                what="its workspace was not ready in time",
                is_blocker=end - due > LASTING,
            )


def _hands(history: History, as_of: datetime) -> Iterator[Incident]:
    for hand in history.hands:
        waited = (hand.closed_at or max(as_of, hand.raised_at)) - hand.raised_at
        if waited > LASTING:
            yield Incident(
                kind=Kind.HAND,
                subject=workspace_name(hand.seat),
                count=1,
                since=hand.raised_at,
                minutes=_minutes(waited),
                what="somebody waited for help" if hand.closed_at else "somebody waited for help, and nobody came",
                is_blocker=True,
            )


def _minutes(time: timedelta) -> float:
    return round(time / timedelta(minutes=1), 1)
