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


FAILED = """create workspace:
    github.com/coder/coder/v2/scaletest/createworkspaces.(*Runner).Run
        /src/scaletest/createworkspaces/run.go:91
  - wait for build:
    github.com/coder/coder/v2/scaletest/workspacebuild.(*Runner).RunReturningWorkspace
        /src/scaletest/workspacebuild/run.go:87
  - build failed with status "failed": terraform apply: exit status 1:
    github.com/coder/coder/v2/scaletest/workspacebuild.waitForBuild
        /src/scaletest/workspacebuild/run.go:229"""
REFUSED = """create workspace:
    github.com/coder/coder/v2/scaletest/createworkspaces.(*Runner).Run
        /src/scaletest/createworkspaces/run.go:91
  - create workspace:
    github.com/coder/coder/v2/scaletest/workspacebuild.(*Runner).RunReturningWorkspace
        /src/scaletest/workspacebuild/run.go:61
  - POST https://coder.test/users/{user}/workspaces: unexpected status code 400: Unable to validate parameters
\tregion: Value must be a valid option"""
"""Of Coder 2.31."""


def test_failures_are_counted_by_their_reason() -> None:
    refused = (REFUSED.replace("{user}", user) for user in ("ada", "bob"))
    verdict = judge_platform(SETTINGS, 20, results(errors=(*refused, FAILED, "closed")), None)
    assert verdict.notes == (
        "2 workspaces failed: create workspace: unexpected status code 400: Unable to validate parameters region: "
        "Value must be a valid option",
        '1 workspaces failed: create workspace: wait for build: build failed with status "failed": terraform apply: '
        "exit status 1",
        "1 workspaces failed: closed",
    )
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
