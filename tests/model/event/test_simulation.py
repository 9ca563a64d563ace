"""Whatever fails in an event: nothing runs in the end, nobody else's is touched, no seat is twice, the cap holds.

HOSTILE_CASES: how many events are played (scripts/simulate-events).
"""

from __future__ import annotations

import os
from decimal import Decimal

import pytest

from tests.model.event.simulation.keeper import Simulation
from workshop.model.event.decisions import CAP
from workshop.model.event.seat_steps import is_over

EVENTS = int(os.environ.get("HOSTILE_CASES", "20"))


@pytest.mark.parametrize("seed", range(EVENTS))
def test_an_event_ends_whatever_fails(seed: int) -> None:
    event = Simulation(seed)
    event.run()
    assert event.touched == []
    assert [name for name, why in event.lost if not why] == []
    assert event.kept.settled_at is not None, [work.build for work in event.works.values()]
    assert event.machines_running() == []
    assert all(is_over(seat, event.kept, event.now) for seat in event.seats)
    assert not any(one.build.status == "running" for one in event.works.values())


@pytest.mark.parametrize("seed", range(EVENTS))
def test_a_hard_cap_holds_and_is_used(seed: int) -> None:
    event = Simulation(seed, outages=False)
    event.run()
    budget = Decimal(event.event.budget_usd)
    assert event.usd() <= budget
    if event.kept.ending is not None:
        assert event.kept.ending.reason == CAP
        tail = event.plan.usd_per_hour / 2
        assert event.usd() >= budget - max(budget * Decimal("0.05"), 2 * tail)
