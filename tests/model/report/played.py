"""An event that was played to its end, by hand: twelve seats, one that fails, one that nobody came to, an outage."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from tests.model.given import settings
from workshop.model.event.receipts import Receipt, Result, archive_key
from workshop.model.event.seats import workspace_name
from workshop.model.ledger import NodeRun
from workshop.model.report.history import (
    Asked,
    Hand,
    History,
    Invited,
    Line,
    SeatHistory,
    Threshold,
    Visit,
)
from workshop.model.settings.stack import Settings

START = datetime(2026, 10, 6, 16, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
BEGUN = START - HOUR
END = START + 3 * HOUR
SETTLED = END + 25 * MINUTE
SEATS = range(1, 13)
ABSENT, BROKEN, EARLY, IDLE = 12, 11, 10, 9
"""Seats: of somebody who never came, whose starts failed twice, who was done an hour early, who did nothing."""


def given(**event: object) -> Settings:
    """Its settings."""
    values = {"name": "october", "template": "coder/docker", "latest_end": "4h", "budget_usd": 25, "ai_usd": 5}
    window = {"start": START.isoformat(), "duration": "3h"}
    return settings(users="14", window=window, event={**values, "reserve": 2, "early_access": "24h", **event})


def played() -> History:
    """All that is kept of it."""
    return History(
        seats=tuple(_seat(number) for number in SEATS),
        lines=tuple(sorted(_lines(), key=lambda line: line.at)),
        runs=tuple(_runs()),
        looks=dict.fromkeys(("us-east-2", "us-west-2", "eu-west-2"), SETTLED + HOUR),
        receipts=tuple(sorted(_receipts(), key=lambda one: (one.at, one.seat))),
        thresholds=(Threshold(budget_usd=25, percent=50, reached_at=END - HOUR),),
        ended_claims={"i-1": END - 50 * MINUTE, "i-2": END + 12 * MINUTE, "i-3": END + 12 * MINUTE},
        invitations=tuple(_invitations()),
        visits=tuple(
            Visit(person=workspace_name(one), made_at=START + (one - 10) * MINUTE, seen_at=END) for one in range(1, 9)
        ),
        asked=(
            Asked(person="workshop-01", action="download", at=END, seat=1, answered_at=END + MINUTE),
            Asked(person="staff-1", action="restart", at=START + HOUR, seat=3, answered_at=START + HOUR),
            Asked(person="staff-1", action="download", at=END, seat=2, answered_at=END),
        ),
        hands=(
            Hand(seat=3, raised_at=START + 50 * MINUTE, closed_at=START + 53 * MINUTE),
            Hand(seat=4, raised_at=START + 90 * MINUTE, closed_at=START + 102 * MINUTE),
        ),
        settled_at=SETTLED,
    )


def _seat(number: int) -> SeatHistory:
    return SeatHistory(
        seat=number,
        email=f"person{number}@example.com",
        name="Ada Example" if number == 1 else f"Person {number}",
        account=f"person-{number}",
        failures=2 if number == BROKEN else 0,
        finished_at=END - HOUR if number == EARLY else None,
    )


def _invitations() -> Iterator[Invited]:
    for number in SEATS:
        accepted_at = None if number == ABSENT else START - 48 * HOUR
        yield Invited(
            person=workspace_name(number), role="participant", is_external=number % 3 == 0, accepted_at=accepted_at
        )
    yield Invited(person="staff-1", role="instructor", is_external=False, accepted_at=START - 60 * HOUR)


def _lines() -> Iterator[Line]:
    for number in SEATS:
        yield from _early(number)
        yield from _of_seat(number)
    outage = "it did not answer for person3@example.com"
    yield Line(at=START + 20 * MINUTE, action="warning", subject="Coder", phase="begun", text=outage)
    yield Line(at=START + 24 * MINUTE, action="warning", subject="Coder", phase="done")
    yield Line(at=START + 2 * HOUR, action="ask", subject="october", phase="done", text="All seats run until later.")


def _early(number: int) -> Iterator[Line]:
    name, begun = workspace_name(number), START - 24 * HOUR
    if number > 5:
        return
    yield Line(at=begun, action="create", subject=name, phase="begun")
    yield Line(at=begun + timedelta(seconds=15), action="seat", subject=name, phase="starting")
    yield Line(at=begun + 2 * MINUTE, action="seat", subject=name, phase="ready")
    yield Line(at=begun + HOUR, action="seat", subject=name, phase="stopped")


def _of_seat(number: int) -> Iterator[Line]:
    name, begun = workspace_name(number), BEGUN + timedelta(seconds=15 * number)
    what = "start" if number <= 5 else "create"
    if number == ABSENT:
        return
    yield Line(at=begun, action=what, subject=name, phase="begun")
    yield Line(at=begun + timedelta(seconds=2), action=what, subject=name, phase="done")
    yield Line(at=begun + timedelta(seconds=15), action="seat", subject=name, phase="starting")
    if number == BROKEN:
        begun += 10 * MINUTE
        yield Line(at=begun, action="replace", subject=name, phase="begun", text="terraform failed")
        yield Line(at=begun + timedelta(seconds=3), action="replace", subject=name, phase="done")
        yield Line(at=begun + timedelta(seconds=30), action="create", subject=name, phase="begun")
        yield Line(at=begun + timedelta(seconds=31), action="create", subject=name, phase="failed", text="Person 11: 5")
        yield Line(at=begun + 2 * MINUTE, action="create", subject=name, phase="begun")
        yield Line(at=begun + 2 * MINUTE, action="create", subject=name, phase="done")
        begun = START + 5 * MINUTE
    yield Line(at=begun + timedelta(seconds=80 + number), action="seat", subject=name, phase="ready")
    for minutes in range(30, 180, 30):
        at = BEGUN + HOUR + (minutes - 30 + number) * MINUTE
        if number != EARLY or at < END - HOUR:
            yield Line(at=at, action="save", subject=name, phase="begun")
            yield Line(at=at + timedelta(seconds=20), action="save", subject=name, phase="done", text="saved")
    ended = END - HOUR if number == EARLY else END
    yield Line(at=ended, action="seat", subject=name, phase="stopping")
    yield Line(at=ended + MINUTE, action="stop", subject=name, phase="begun")
    yield Line(at=ended + 2 * MINUTE, action="seat", subject=name, phase="stopped")


def _receipts() -> Iterator[Receipt]:
    for number in SEATS:
        if number == ABSENT:
            continue
        moments = [BEGUN + HOUR + (minutes - 30 + number) * MINUTE for minutes in range(30, 180, 30)]
        kept = moments[:1] if number == IDLE else moments[:2] if number in (7, 8) else moments
        for at in kept:
            yield Receipt(
                seat=number,
                workspace_id=f"workspace-{number}",
                build_number=1,
                at=at,
                result=Result.SAVED,
                files=10,
                bytes=50 * 1024 * 1024,
                sha256="0" * 64,
                key=archive_key("october", number, at, 1),
            )
    yield Receipt(
        seat=8, workspace_id="workspace-8", build_number=1, at=END, result=Result.FAILED, reason="the stream was cut"
    )


def _runs() -> Iterator[NodeRun]:
    times = {"i-1": END - 45 * MINUTE, "i-2": END + 15 * MINUTE, "i-3": SETTLED}
    regions = dict(zip(times, ("us-east-2", "us-west-2", "eu-west-2"), strict=True))
    early = START - 24 * HOUR
    yield NodeRun(
        instance="i-0",
        region="us-east-2",
        instance_type="c6a.4xlarge",
        launched_at=early,
        ended_at=early + 80 * MINUTE,
    )
    for instance, ended_at in times.items():
        yield NodeRun(
            instance=instance,
            region=regions[instance],
            instance_type="c6a.4xlarge",
            launched_at=BEGUN - 5 * MINUTE,
            ended_at=ended_at,
        )
