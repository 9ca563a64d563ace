"""The whole evening on clusters that are folders, for a few people (on API servers: tests/clusters/test_event.py)."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path

import pytest

from tests.event.sandbox_event import event_of, workshop_in
from tests.event.scenario import Evening, play
from workshop.model.event.preservation import Keeping, preservation

pytestmark = pytest.mark.slow
PEOPLE = int(os.environ.get("PEOPLE", "7"))


def test_whatever_goes_wrong_nothing_runs_and_no_work_is_lost_without_a_reason(tmp_path: Path) -> None:
    with (
        workshop_in(tmp_path / "sandbox", users=PEOPLE + 1) as paths,
        event_of(paths, "october", PEOPLE, f"sqlite:///{tmp_path / 'event.db'}", users=PEOPLE + 1) as event,
    ):
        evening = Evening(event, look_seconds=0.2)
        play(evening, PEOPLE)
        judge(evening, PEOPLE)


def judge(evening: Evening, people: int) -> None:
    event = evening.event
    kept = preservation("october", range(1, people + 1), event.store.records.receipts())
    evening.say(f"{kept.counts}")
    assert all(one.keeping is Keeping.SAVED or one.reason for one in kept.seats)
    assert kept.counts[Keeping.LOST] == kept.counts[Keeping.UNSEEN] == 0
    assert len(event.pool_claims()) == 1, "the stranger's node stays, and no other"
    running = [run for run in event.store.ledger.runs() if run.ended_at is None]
    assert len(running) == 1
    usd = sum((run.usd(event.now(), Decimal("0.7")) for run in event.store.ledger.runs()), Decimal(0))
    evening.say(f"about {usd:.2f} USD of 200")
    assert usd < 200
