"""All that is kept of an event is read back for its report, and what looks saw is in the journal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Table, insert

from workshop.event.store import tables
from workshop.event.store.database import open_store
from workshop.event.store.history import read_history
from workshop.event.store.ledger import Ledger
from workshop.event.store.records import Records, SeatRecord
from workshop.event.store.sightings import keep_look, keep_state
from workshop.model.event.extensions import Extension
from workshop.model.event.receipts import Receipt, Result
from workshop.model.ledger import NodeRun
from workshop.model.report.history import Asked, Hand, Invited, Line, SeatHistory, Threshold, Visit

NOON = datetime(2026, 10, 6, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def records(url: str) -> Iterator[Records]:
    with closing(Records(url, "october")) as opened:
        yield opened


def test_everything_is_read_back(url: str, records: Records) -> None:
    run = NodeRun(instance="i-1", region="us-east-2", instance_type="c6a.4xlarge", launched_at=NOON, ended_at=None)
    receipt = Receipt(
        seat=1, workspace_id="w", build_number=1, at=NOON, result=Result.FAILED, reason="no answer", left_out=(".env",)
    )
    extension = Extension(seat=None, made_at=NOON, ends_at=NOON + MINUTE, hours=MINUTE)
    records.add_seats([SeatRecord(seat=1, email="ada@example.com", name="Ada")])
    records.add_receipt(receipt)
    records.extend(extension)
    records.add_ended_claim("i-1", NOON)
    records.provision(NOON)
    records.end(NOON, "command")
    with closing(Ledger(url, "october")) as ledger:
        ledger.record("us-east-2", [run], NOON)
        ledger.fire(50, 200, NOON)
    rows: dict[Table, dict[str, object]] = {
        tables.INVITATIONS: {
            "person": "workshop-01",
            "role": "participant",
            "invited_at": NOON,
            "expires_at": NOON,
            "max_devices": 2,
            "is_transferable": False,
            "is_external": True,
        },
        tables.SESSIONS: {
            "hash": "0",
            "person": "workshop-01",
            "made_at": NOON,
            "seen_at": NOON,
            "expires_at": NOON,
        },
        tables.REQUESTS: {
            "at": NOON,
            "person": "workshop-01",
            "action": "save",
            "seat": 1,
            "data": {},
            "problem": "",
        },
        tables.HANDS: {"seat": 1, "raised_at": NOON, "text": "help"},
    }
    engine = open_store(url)
    with engine.begin() as connection:
        for table, values in rows.items():
            connection.execute(insert(table).values(event="october", **values))
            connection.execute(insert(table).values(event="november", **values))
    engine.dispose()
    found = read_history(url, "october")
    assert found.seats == (SeatHistory(seat=1, email="ada@example.com", name="Ada"),)
    assert (found.runs, found.receipts, found.extensions) == ((run,), (receipt,), (extension,))
    assert (found.looks, found.ended_claims) == ({"us-east-2": NOON}, {"i-1": NOON})
    assert found.thresholds == (Threshold(budget_usd=200, percent=50, reached_at=NOON),)
    assert (found.provisioned_at, found.ended_at, found.reason, found.settled_at) == (NOON, NOON, "command", None)
    assert found.invitations == (Invited(person="workshop-01", role="participant", is_external=True),)
    assert found.visits == (Visit(person="workshop-01", made_at=NOON, seen_at=NOON),)
    assert found.asked == (Asked(person="workshop-01", action="save", at=NOON, seat=1),)
    assert found.hands == (Hand(seat=1, raised_at=NOON),)
    records.erase_people()
    erased = read_history(url, "october")
    assert (erased.seats, erased.visits) == ((SeatHistory(seat=1),), ())
    assert (erased.runs, erased.invitations, erased.hands) == (found.runs, found.invitations, found.hands)


def test_of_an_event_that_is_not_kept_there_is_nothing(url: str) -> None:
    assert read_history(url, "october").as_of is None


def test_what_looks_have_to_say_is_in_the_journal_from_when_to_when(url: str, records: Records) -> None:
    records.take_over(NOON)
    for minute, said in enumerate([{"Coder": "no answer"}, {"Coder": "no answer", "x" * 200: "kept"}, {}]):
        keep_look(records, said, NOON + minute * MINUTE)
    assert read_history(url, "october").lines == (
        Line(at=NOON, action="warning", subject="Coder", phase="begun", text="no answer"),
        Line(at=NOON + MINUTE, action="warning", subject="x" * 128, phase="begun", text="kept"),
        Line(at=NOON + 2 * MINUTE, action="warning", subject="Coder", phase="done"),
        Line(at=NOON + 2 * MINUTE, action="warning", subject="x" * 128, phase="done"),
    )
    assert records.event().look == {}


def test_a_seats_state_is_kept_with_its_moment(url: str, records: Records) -> None:
    records.add_seats([SeatRecord(seat=7, email=None, name=None)])
    for ends_at in (None, NOON + MINUTE):  # a state that stays is no news
        keep_state(records, records.seats()[0], "ready", ends_at, NOON)
    assert (records.seats()[0].state, records.seats()[0].ends_at) == ("ready", NOON + MINUTE)
    assert read_history(url, "october").lines == (Line(at=NOON, action="seat", subject="workshop-07", phase="ready"),)
