"""All that is kept of an event, read for its report; nothing is changed."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, Final, TypeVar

from sqlalchemy import ColumnElement, Connection, Table, select

from workshop.event.store import tables
from workshop.event.store.database import open_store
from workshop.model.event.extensions import Extension
from workshop.model.event.receipts import Receipt
from workshop.model.ledger import NodeRun
from workshop.model.report.history import Asked, Hand, History, Invited, Line, SeatHistory, Threshold, Visit

T = TypeVar("T")

_WHOLE: Final = ("provisioned_at", "ended_at", "settled_at")


def read_history(url: str, event: str) -> History:
    """Of one event, from the store at an SQLAlchemy URL, as it was at one moment. Raises what open_store does."""
    engine = open_store(url)
    try:
        with engine.begin() as connection:
            return _history(connection, event)
    finally:
        engine.dispose()


def _history(connection: Connection, event: str) -> History:
    def rows(table: Table, *order: ColumnElement[Any]) -> list[dict[str, Any]]:
        found = connection.execute(select(table).where(table.c.event == event).order_by(*order))
        return [dict(row) for row in found.mappings()]

    def all_of(kind: type[T], table: Table, *order: ColumnElement[Any]) -> tuple[T, ...]:
        """Whatever the kind has a field for, by its column's name."""
        names = [one.name for one in fields(kind)]  # pyright: ignore[reportArgumentType] - each is a dataclass
        return tuple(kind(**{name: row[name] for name in names}) for row in rows(table, *order))

    whole: dict[str, Any] = next(iter(rows(tables.EVENTS)), dict[str, Any]())
    receipts = rows(tables.RECEIPTS, tables.RECEIPTS.c.at, tables.RECEIPTS.c.seat)
    return History(
        seats=all_of(SeatHistory, tables.SEATS, tables.SEATS.c.seat),
        lines=all_of(Line, tables.JOURNAL, tables.JOURNAL.c.id),
        runs=all_of(NodeRun, tables.NODE_RUNS, tables.NODE_RUNS.c.launched_at, tables.NODE_RUNS.c.instance),
        looks={row["region"]: row["seen_at"] for row in rows(tables.LOOKS, tables.LOOKS.c.region)},
        receipts=tuple(Receipt.model_validate({key: row[key] for key in Receipt.model_fields}) for row in receipts),
        thresholds=all_of(Threshold, tables.THRESHOLDS, tables.THRESHOLDS.c.budget_usd, tables.THRESHOLDS.c.percent),
        ended_claims={row["instance"]: row["deleted_at"] for row in rows(tables.ENDED_CLAIMS)},
        extensions=tuple(
            replace(one, seat=one.seat or None) for one in all_of(Extension, tables.EXTENSIONS, tables.EXTENSIONS.c.id)
        ),
        invitations=all_of(Invited, tables.INVITATIONS, tables.INVITATIONS.c.person),
        visits=all_of(Visit, tables.SESSIONS, tables.SESSIONS.c.made_at, tables.SESSIONS.c.person),
        asked=all_of(Asked, tables.REQUESTS, tables.REQUESTS.c.id),
        hands=all_of(Hand, tables.HANDS, tables.HANDS.c.raised_at, tables.HANDS.c.seat),
        reason=whole.get("reason") or "",
        **{name: whole.get(name) for name in _WHOLE},
    )
