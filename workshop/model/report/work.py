"""What is kept of what people made."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from workshop.model.event.preservation import Keeping, Preservation, preservation
from workshop.model.event.requests import Ask
from workshop.model.event.seats import workspace_name
from workshop.model.legible import one_line
from workshop.model.report.history import History
from workshop.model.report.section import Part, Usd

S3_USD_PER_GIB_MONTH: Final = Decimal("0.023")
"""S3 Standard in us-east-2, first 50 TB (AWS, S3 pricing, November 2026)."""

GIB: Final = 1024**3

_LETTERS: Final = 200


class Unkept(Part):
    """A seat whose work is not all kept, and why."""

    seat: str
    keeping: Keeping
    reason: str


class Work(Part):
    """counts: seats that had a workspace, by what is kept of them. archives: of all versions; usd_per_month: while they
    are kept, for retention_days after the event. downloads: seats whose person fetched their own work."""

    counts: Mapping[Keeping, int]
    unkept: tuple[Unkept, ...]
    archives: int
    bytes: int
    usd_per_month: Usd
    retention_days: int
    downloads: int
    downloads_by_staff: int


def work(event: str, retention_days: int, history: History) -> Work:
    """Of one event."""
    seats = sorted({one.seat for one in history.receipts} | _started(history))
    found: Preservation = preservation(event, seats, history.receipts)
    archives = {one.key: one.bytes for one in history.receipts if one.key}
    size = sum(archives.values())
    fetched = [one for one in history.asked if one.action == Ask.DOWNLOAD and one.answered_at and not one.problem]
    own = {one.person for one in fetched if one.person == workspace_name(one.seat or 0)}
    return Work(
        counts=found.counts,
        unkept=tuple(
            Unkept(seat=workspace_name(one.seat), keeping=one.keeping, reason=one_line(one.reason, _LETTERS))
            for one in found.seats
            if one.keeping in (Keeping.OLDER, Keeping.LOST, Keeping.UNSEEN)
        ),
        archives=len(archives),
        bytes=size,
        usd_per_month=S3_USD_PER_GIB_MONTH * size / GIB,
        retention_days=retention_days,
        downloads=len(own),
        downloads_by_staff=sum(one.person not in own for one in fetched),
    )


def _started(history: History) -> set[int]:
    """Seats that ever had a workspace."""
    made = {line.subject for line in history.lines if line.action == "create" and line.phase == "done"}
    return {one.seat for one in history.seats if workspace_name(one.seat) in made}
