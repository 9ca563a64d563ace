"""What is kept of people is gone once it is erased, whatever column it stood in."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Engine, Integer, Interval, String, delete, insert, select

from workshop.event.store.records import Records, SeatRecord
from workshop.event.store.tables import METADATA, Moment

OF_THE_EVENT = {
    "node_runs": {"instance", "region", "instance_type"},
    "looks": {"region"},
    "events": {"reason"},
    "receipts": {"workspace_id", "result", "reason", "sha256", "key", "content"},
    "ended_claims": {"instance"},
    "journal": {"action", "subject", "phase"},
    "seats": {"workspace_id", "state", "key_alias"},
    "invitations": {"person", "role"},
    "outbox": {"person", "kind", "state"},
    "waiting": {"id", "person"},
    "requests": {"person", "action"},
    "hands": {"closed_by"},
    "samples": {"sample"},
}
"""Columns that hold nothing of a person, by table; a new one has to be added here, or to what is erased."""

TABLES = sorted(METADATA.tables.values(), key=lambda table: table.name)


def _value(column: Column[Any]) -> object:
    """Something with a name in it, where it could hold one."""
    kind = column.type
    if isinstance(kind, String):
        return "ada"
    if isinstance(kind, JSON):
        return {"of": "ada"}
    if isinstance(kind, Moment):
        return datetime(2027, 11, 6, tzinfo=UTC)
    return timedelta(hours=1) if isinstance(kind, Interval) else isinstance(kind, (Boolean, Integer)) and 1


def _with_ada(engine: Engine, event: str) -> set[tuple[str, str]]:
    """Columns of an event's rows in which the name stands, by table."""
    with engine.connect() as connection:
        return {
            (table.name, name)
            for table in TABLES
            for row in connection.execute(select(table).where(table.c.event == event)).mappings()
            for name, value in row.items()
            if "ada" in str(value)
        }


def test_no_column_keeps_a_person(tmp_path: Path) -> None:
    with (
        closing(Records(f"sqlite:///{tmp_path / 'event.db'}", "november")) as records,
        records.engine.begin() as filling,
    ):
        filling.execute(delete(METADATA.tables["events"]))
        for number, event in enumerate(("october", "november"), 1):
            for table in TABLES:
                values = {one.name: _value(one) for one in table.columns}
                values |= {"event": event, **({"id": number} if isinstance(values.get("id"), int) else {})}
                filling.execute(insert(table).values(**values))
    with closing(Records(f"sqlite:///{tmp_path / 'event.db'}", "october")) as records:
        before = _with_ada(records.engine, "october")
        records.erase_people()
        kept = {(table, name) for table, names in OF_THE_EVENT.items() for name in names}
        assert _with_ada(records.engine, "october") - kept == set()
        assert _with_ada(records.engine, "november") == before


def test_what_was_done_stays(tmp_path: Path) -> None:
    with closing(Records(f"sqlite:///{tmp_path / 'event.db'}", "october")) as records:
        records.add_seats([SeatRecord(seat=1, email="ada@example.com", name="Ada", account="ada")])
        records.change_seat(1, problem="ada's build failed", restored="already there: ada.txt", failures=2)
        records.erase_people()
        assert "ada" not in repr(records.seats()).casefold()
        assert records.seats()[0].failures == 2
