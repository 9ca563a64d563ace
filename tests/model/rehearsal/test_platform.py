"""Coder's scale test, read and judged."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from tests.model.given import settings
from workshop.model.plan.plan import plan_of_event
from workshop.model.rehearsal.platform import Results, cost_usd, judge_platform, read_results

SETTINGS = settings(users=20)


def results(*seconds: float, errors: tuple[str, ...] = ()) -> Results:
    runs = [{"error": "<nil>", "duration_ms": int(1000 * one)} for one in seconds]
    runs += [{"error": one, "duration_ms": 1} for one in errors]
    written = {
        "total_runs": len(runs),
        "runs": {f"workspacebuild/{n}": {**run, "logs": ""} for n, run in enumerate(runs)},
    }
    return read_results(json.dumps(written).encode())


def judged(created: Results, traffic: Results | None = None) -> dict[str, tuple[str, str, bool | None]]:
    verdict = judge_platform(SETTINGS, 20, created, traffic)
    return {one.name: (one.predicted, one.observed, one.passed) for one in verdict.figures}


def test_what_went_well_passes() -> None:
    figures = judged(results(*[60.0] * 20), results(*[120.0] * 20))
    assert figures["workspaces running"] == ("20", "20", True)
    assert figures["start, mean"][1:] == ("60 s", True)
    assert figures["start, last"][1:] == ("60 s", None)
    assert figures["connections held"] == ("20", "20", True)


def test_two_percent_and_two_minutes_are_the_targets() -> None:
    figures = judged(results(*[130.0] * 19, errors=("timed out",)), results(*[1.0] * 18, errors=("closed",)))
    assert figures["workspaces running"][2] is False
    assert figures["start, mean"][1:] == ("130 s", False)
    assert figures["connections held"] == ("19", "18", False)


def test_failures_are_counted_by_their_first_line() -> None:
    created = results(errors=("create workspace:\n  trace", "create workspace:\n  other", "no user"))
    verdict = judge_platform(SETTINGS, 20, created, None)
    assert verdict.notes == ("2 workspaces failed: create workspace:", "1 workspaces failed: no user")
    assert [one.name for one in verdict.figures] == ["workspaces running"]


def test_it_costs_the_plan_s_nodes_for_an_hour() -> None:
    plan = plan_of_event(SETTINGS)
    assert cost_usd(plan) == sum((one.nodes.usd_per_hour for one in plan.regions.values()), Decimal(0)) > 5


@pytest.mark.parametrize(
    ("data", "why"),
    [(b"", "Invalid JSON"), (b"{}", "runs"), (b'{"runs": {"a": {"error": "x"}}}', "runs.a.duration_ms")],
    ids=["nothing", "no runs", "no duration"],
)
def test_what_is_no_result_is_refused_by_name(data: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_results(data)
