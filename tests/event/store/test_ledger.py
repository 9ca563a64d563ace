"""The ledger remembers what EC2 forgets, and counts nothing twice."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone

import pytest

from workshop.event.store.ledger import Ledger
from workshop.model.ledger import NodeRun

pytestmark = pytest.mark.xdist_group("postgres")
NOON = datetime(2026, 10, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def ledger(url: str) -> Generator[Ledger]:
    with closing(Ledger(url, "october")) as opened:
        yield opened


def run(instance: str, region: str = "us-east-2", ended_at: datetime | None = None) -> NodeRun:
    return NodeRun(
        instance=instance, region=region, instance_type="c6a.4xlarge", launched_at=NOON - MINUTE, ended_at=ended_at
    )


def ends(ledger: Ledger) -> dict[str, datetime | None]:
    return {each.instance: each.ended_at for each in ledger.runs()}


def test_a_run_ends_when_it_is_seen_to_have_ended_or_is_seen_no_more(ledger: Ledger) -> None:
    ledger.record("us-east-2", [run("i-1"), run("i-2"), run("i-3")], NOON)
    later = NOON + MINUTE
    ledger.record("us-east-2", [run("i-1"), run("i-2", ended_at=later)], later)
    assert ends(ledger) == {"i-1": None, "i-2": later, "i-3": later}
    ledger.record("us-east-2", [run("i-2", ended_at=later + MINUTE)], later + MINUTE)
    assert ends(ledger) == {"i-1": later + MINUTE, "i-2": later, "i-3": later}


def test_one_that_had_ended_when_it_was_first_seen_is_kept(ledger: Ledger) -> None:
    ledger.record("us-east-2", [run("i-1", ended_at=NOON)], NOON)
    assert ends(ledger) == {"i-1": NOON}


def test_regions_and_events_are_kept_apart(ledger: Ledger, url: str) -> None:
    ledger.record("us-east-2", [run("i-1")], NOON)
    ledger.record("us-west-2", [run("i-2", "us-west-2")], NOON + MINUTE)
    assert ends(ledger) == {"i-1": None, "i-2": None}
    assert ledger.looks() == {"us-east-2": NOON, "us-west-2": NOON + MINUTE}
    with closing(Ledger(url, "november")) as other:
        other.record("us-east-2", [], NOON + MINUTE)
        assert (other.runs(), other.looks()) == ((), {"us-east-2": NOON + MINUTE})
    assert ends(ledger) == {"i-1": None, "i-2": None}


def test_an_older_look_than_the_last_changes_nothing(ledger: Ledger) -> None:
    ledger.record("us-east-2", [run("i-1")], NOON)
    ledger.record("us-east-2", [], NOON - MINUTE)
    ledger.record("us-east-2", [], NOON)
    assert ends(ledger) == {"i-1": None}
    assert ledger.looks() == {"us-east-2": NOON}


def test_a_second_process_finds_it_as_it_was_left(ledger: Ledger, url: str) -> None:
    pacific = timezone(timedelta(hours=-7))
    ledger.record("us-east-2", [run("i-1")], NOON.astimezone(pacific))
    with closing(Ledger(url, "october")) as again:
        again.record("us-east-2", [run("i-1")], NOON + MINUTE)
        assert again.runs() == (run("i-1"),)
        assert again.runs()[0].launched_at.tzinfo == UTC


def test_a_threshold_fires_once_for_each_budget(ledger: Ledger, url: str) -> None:
    assert ledger.fire(50, 200, NOON)
    with closing(Ledger(url, "october")) as again:
        assert not again.fire(50, 200, NOON)
        assert again.fire(75, 200, NOON)
        assert again.fire(50, 300, NOON)
