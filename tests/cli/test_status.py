"""`workshop status`: what is deployed, and what to do next."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest

from tests.cli.conftest import FakeBackend, Run
from workshop.cli.backends import backend
from workshop.cli.problem import CannotRun
from workshop.cli.runs import Run as LastRun
from workshop.cli.sandbox_config import save_users

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
RESOURCE = {"type": "aws:ecr/repository:Repository", "urn": "u", "custom": True}
PROVIDER = {"type": "pulumi:providers:aws", "urn": "p", "custom": True}


def last(
    operation: Literal["up", "destroy"], result: Literal["succeeded", "failed", "unfinished"] = "succeeded"
) -> LastRun:
    return LastRun(operation=operation, started_at=NOON, result=result)


def test_a_new_stack_is_planned_next(run: Run, fake: FakeBackend) -> None:
    result = run("status")
    assert result.exit_code == 0
    assert "Deployed: nothing.\nUsers: not known, at most 60.\nPhase: no window.\n" in result.stdout
    assert result.stdout.endswith("\nNext:\n    scripts/workshop plan --users 20\n")


@pytest.mark.parametrize(
    ("run_before", "resources", "deployed", "next_command"),
    [
        (last("up"), 2, "2 resources; up of 2026-10-01 12:00 UTC succeeded.", "preflight"),
        (last("up", "unfinished"), 1, "1 resource; up of 2026-10-01 12:00 UTC did not end", "up --users 30"),
        (last("up", "failed"), 1, "1 resource; up of 2026-10-01 12:00 UTC failed.", "up --users 30"),
        (last("destroy"), 1, "1 resource, retained after destroy; destroy of 2026-10-01", "plan --users 30"),
        (last("destroy", "failed"), 1, "1 resource; destroy of 2026-10-01 12:00 UTC failed.", "destroy"),
    ],
)
def test_what_is_deployed_and_what_comes_next(
    run: Run, fake: FakeBackend, run_before: LastRun, resources: int, deployed: str, next_command: str
) -> None:
    save_users("sandbox", 30)
    fake.last, fake.state = run_before, (PROVIDER, *[RESOURCE] * resources)
    result = run("status")
    assert f"Deployed: {deployed}" in " ".join(result.stdout.split())
    assert result.stdout.endswith(f"\nNext:\n    scripts/workshop {next_command}\n")
    document = json.loads(run("status", "--json").stdout)
    assert (document["resources"], document["users"], document["preflight"]) == (resources, 30, None)
    assert document["last_run"]["operation"] == run_before.operation
    assert document["next"] == f"scripts/workshop {next_command}"


def test_what_is_not_known_ends_with_2(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> FakeBackend:
        raise CannotRun("no CLI: pulumi login")

    monkeypatch.setattr(backend, "open_backend", refuse)
    result = run("status")
    assert result.exit_code == 2
    assert "Deployed: not known. no CLI:\n    pulumi login\n" in result.stdout
    assert json.loads(run("status", "--json").stdout)["error"] == "no CLI: pulumi login"


def test_an_unknown_stack_is_json_too(run: Run) -> None:
    result = run("status", "--stack", "nowhere", "--json")
    assert result.exit_code == 2
    assert "There is no stack nowhere" in json.loads(result.stdout)["error"]


def with_window(checkout: Path, start: datetime) -> None:
    file = checkout / "Pulumi.sandbox.yaml"
    window = f'  workshop:window: {{start: "{start.isoformat(timespec="minutes")}", duration: 4h}}\n'
    file.write_text(file.read_text("utf-8") + window, "utf-8")


@pytest.mark.parametrize("command", ["plan", "preview", "up"])
def test_a_window_that_closed_long_ago_is_warned_of(run: Run, fake: FakeBackend, checkout: Path, command: str) -> None:
    with_window(checkout, datetime.now(UTC) - timedelta(days=365))
    result = run(command, "--users", "20")
    assert "Warning: The window closed 20" in result.stdout
    assert "days ago, so `up` makes room for nobody" in " ".join(result.stdout.split())
    assert len(json.loads(run(command, "--users", "20", "--json").stdout)["warnings"]) == 1


@pytest.mark.parametrize("days", [-30, 1])
def test_a_window_to_come_or_just_over_is_not(run: Run, fake: FakeBackend, checkout: Path, days: int) -> None:
    with_window(checkout, datetime.now(UTC) - timedelta(days=days))
    assert json.loads(run("preview", "--users", "20", "--json").stdout)["warnings"] == []


@pytest.mark.parametrize(
    ("command", "code"), [("destroy", 0), ("outputs", 0), ("status", 0), ("up", 2), ("preview", 2)]
)
def test_only_what_the_number_sizes_asks_for_it(run: Run, fake: FakeBackend, command: str, code: int) -> None:
    fake.state = (RESOURCE,)
    assert run(command).exit_code == code
    assert run(command, "--stack", "workshop").exit_code == code


def test_nothing_deployed_is_nothing_to_release(run: Run, fake: FakeBackend) -> None:
    assert "Nothing to release: nothing is deployed." in run("destroy").stdout
    assert fake.asked == []
