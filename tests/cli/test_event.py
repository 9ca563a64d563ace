"""`workshop event`: what it costs, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run

EVENT = """
  workshop:window: {start: "2027-10-02T09:00-07:00", duration: 5h}
  workshop:event: {name: october, template: coder/docker, latest_end: 6h, budget_usd: 200}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose sandbox has an event."""
    root = Path(__file__).parents[2]
    for name in ("Pulumi.yaml", "Pulumi.sandbox.yaml"):
        (tmp_path / name).write_text((root / name).read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "zones").mkdir()
    monkeypatch.setenv("WORKSHOP_PROJECT", str(tmp_path))
    return tmp_path


def with_event(project: Path, changed: str = EVENT) -> None:
    file = project / "Pulumi.sandbox.yaml"
    file.write_text(file.read_text(encoding="utf-8") + changed, encoding="utf-8")


def test_what_it_costs_by_kind_and_when(run: Run, project: Path) -> None:
    with_event(project)
    result = run("event", "plan", "--users", "60")
    text = " ".join(result.stdout.split())
    assert result.exit_code == 0
    assert "Event october: 60 seats of coder/docker, 200 USD (hard cap)." in text
    assert "Seats start 2027-10-02 15:00 UTC (08:00 -07:00), end by 2027-10-02 22:00 UTC (15:00 -07:00)" in text
    assert "total 114.41 57.21 A seat costs 1.91 USD. One hour more for all costs 14.76." in text
    assert "At worst, with all pools at their limits until the end, it costs 131.92 USD." in text
    assert "50 % of the budget: reached 2027-10-02 21:01 UTC (14:01 -07:00) if all come." in text
    assert "100 % of the budget: not reached if all come." in text
    assert "model usage" not in text


def test_early_access_is_a_kind_of_its_own(run: Run, project: Path) -> None:
    with_event(project, EVENT.replace("200", "200, early_access: 24h"))
    text = " ".join(run("event", "plan", "--users", "60").stdout.split())
    assert "In early access seats start 2027-10-01 16:00 UTC (09:00 -07:00) and run 1h." in text
    assert "early access 21.38 10.69 provisioning" in text
    assert "total 136.55 68.28" in text
    assert "Restarts in early access come on top: 14.76 an hour if all do so." in text
    early = json.loads(run("event", "plan", "--users", "60", "--json").stdout)["early"]
    assert early["gone_at"] == "2027-10-01T10:30:00-07:00"


def test_json_has_the_same(run: Run, project: Path) -> None:
    with_event(project)
    document = json.loads(run("event", "plan", "--users", "60", "--json").stdout)
    assert document["all_come"]["running"] == "85.54"
    assert document["thresholds"]["100"] is None
    assert document["starts_at"] == "2027-10-02T08:00:00-07:00"
    assert (document["usd_per_seat"], document["seats"]) == ("1.91", 60)


def test_what_up_would_refuse_it_refuses(run: Run, project: Path) -> None:
    with_event(project, EVENT.replace("200", "120, seats: 70"))
    for command in (("event", "plan"), ("up",)):
        result = run(*command, "--users", "60")
        assert result.exit_code == 1
        assert "[rules/event-seats] event october: 70 seats" in " ".join(result.stdout.split())
        assert "it costs up to 131.92 USD at the pools' limits, the budget is 120" in " ".join(result.stdout.split())


def test_without_an_event_it_says_what_to_set(run: Run, project: Path) -> None:
    result = run("event", "plan", "--users", "5")
    assert result.exit_code == 2
    assert "Stack sandbox has no event and no window: set workshop:event" in " ".join(result.stdout.split())
    with_event(project, EVENT.replace("workshop:window", "workshop:event").partition("\n  workshop:event: {name")[0])
    assert run("event", "plan", "--users", "5").exit_code == 2
