"""Every scenario on our engine, and on the real CLI where it is on PATH."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.sandbox.engine.double import Cloud
from tests.sandbox.engine.engines import Engine, Observed, Ours, RealCli
from tests.sandbox.engine.scenario import Expected, Scenario, Step, scenarios

SCENARIOS = scenarios()
SEEN = {name: scenario for name, scenario in SCENARIOS.items() if scenario.seen_on}

needs_cli = pytest.mark.skipif(
    shutil.which("pulumi") is None,
    reason="pulumi is not on PATH: the scenarios did not run on the real CLI",
)


def judge(expected: Expected, observed: Observed, step: Step) -> None:
    assert observed.failed == expected.failed, observed.said
    assert observed.plan == expected.plan
    assert observed.objects == expected.objects
    assert observed.state == expected.state
    assert observed.violated == expected.violated
    if expected.log is not None:
        assert observed.log == expected.log
    if expected.outputs is not None:
        assert observed.outputs == expected.outputs


def perform(scenario: Scenario, engine: Engine) -> list[Observed]:
    observations: list[Observed] = []
    for step in scenario.steps:
        observations.append(engine.perform(step))
        judge(step.expect, observations[-1], step)
    return observations


@pytest.mark.parametrize("name", SCENARIOS)
def test_on_our_engine(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = SCENARIOS[name]
    observations = perform(scenario, Ours(scenario, tmp_path, Cloud(), monkeypatch))
    for step, observed in zip(scenario.steps, observations, strict=True):
        assert (step.expect.error or "") in observed.said


@pytest.mark.pulumi
@pytest.mark.slow
@needs_cli
@pytest.mark.parametrize("name", SEEN)
def test_on_the_real_cli(name: str, tmp_path: Path) -> None:
    scenario = SEEN[name]
    with RealCli(scenario, tmp_path, Cloud()) as engine:
        perform(scenario, engine)


def test_at_least_twenty_scenarios_were_seen_on_the_real_cli() -> None:
    assert len(SEEN) >= 20
