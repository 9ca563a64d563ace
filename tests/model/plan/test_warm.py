"""When nodes are made ready, and what that costs."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from tests.model.given import regions, settings
from workshop.model.plan.plan import plan_of_event
from workshop.model.plan.warm import plan_warm

WINDOW: Mapping[str, object] = {"start": "2026-10-02T11:00+00:00", "duration": "4h"}
EVENT: Mapping[str, object] = {"name": "october", "template": "coder/docker", "latest_end": "5h", "budget_usd": 200}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "10:00"),
        ({"arrival": {"warm_lead": "90m"}}, "09:30"),
        ({"event": EVENT}, "09:45"),  # seats start at 10:00
        ({"event": {**EVENT, "provisioning": "10m"}}, "10:00"),
        ({"event": EVENT, "arrival": {"warm_lead": "90m"}}, "09:30"),
        ({"window": {**WINDOW, "preparation": "30m"}}, "10:30"),  # room is declared from then on only
    ],
)
def test_nodes_are_made_ready_before_whatever_needs_them(changes: Mapping[str, object], expected: str) -> None:
    given: dict[str, Any] = {"window": WINDOW, **changes}
    planned = plan_warm(settings(**given))
    assert planned is not None
    assert planned.ready_from.isoformat() == f"2026-10-02T{expected}:00+00:00"
    assert planned.given_up_at.isoformat() == "2026-10-02T11:15:00+00:00"


def test_as_many_as_are_planned_are_paid_for_until_the_window_closes() -> None:
    given = settings(users="60", window=WINDOW)
    planned = plan_warm(given)
    assert planned is not None
    assert planned.nodes == {"us-east-2": 10, "us-west-2": 6, "eu-west-2": 4}
    assert planned.usd == plan_of_event(given).cost.usd_per_hour * Decimal(7)  # 10:00 to 17:00


def test_a_region_without_users_has_none() -> None:
    planned = plan_warm(settings(window=WINDOW, regions=regions({0: {"share": 70}, 2: {"share": 0}})))
    assert planned is not None
    assert list(planned.nodes) == ["us-east-2", "us-west-2"]


def test_without_a_window_nobody_knows_when() -> None:
    assert plan_warm(settings()) is None
