"""Killed at any moment, nothing is lost or doubled, and the next `up` ends where an unbroken one would."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sandbox.engine.crashing import SDK, KeptCloud, Moments, up
from tests.sandbox.engine.scenario import PRELUDE
from workshop.sandbox.engine.state.deployment import StateFile

PROGRAM = """
first = Thing("first", name="first", value=phase)
Thing("moving", value=first.echo, zone=phase)
Thing("frozen", name="frozen", frozen=phase)
if phase == "one":
    Thing("going", name="going")
"""
NEVER = 10**6


@pytest.mark.slow
@pytest.mark.parametrize(("before", "phase"), [(None, "one"), ("one", "two")])
def test_killed_at_every_moment(
    before: str | None, phase: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [str(SDK), *sys.path])
    start = tmp_path / "start"
    start.mkdir()
    (start / "__main__.py").write_text(PRELUDE + PROGRAM)
    if before:
        cloud = KeptCloud(start / "cloud.json", Moments(NEVER))
        assert up(start, cloud, before).error is None
    unbroken = outcome_of(shutil.copytree(start, tmp_path / "unbroken"), phase)
    moment = 1
    while True:
        folder = shutil.copytree(start, tmp_path / str(moment))
        if not is_killed(folder, phase, moment):
            break
        assert outcome_of(folder, phase) == unbroken, f"killed at moment {moment}"
        moment += 1
    assert moment > 20


def is_killed(folder: Path, phase: str, moment: int) -> bool:
    command = [sys.executable, "-m", "tests.sandbox.engine.crashing", str(folder), phase, str(moment)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode != 0


def outcome_of(folder: Path, phase: str) -> tuple[list[str], list[str]]:
    """What exists and what the state says, random names shortened, after `up` has gone through undisturbed."""
    cloud = KeptCloud(folder / "cloud.json", Moments(NEVER))
    outcome = up(folder, cloud, phase)
    assert outcome.error is None
    again = up(folder, cloud, phase)
    assert {change.operation for change in again.changes} == {"same"}
    state = StateFile(folder / "state.json").load()
    assert not state.pending
    assert not StateFile(folder / "state.json").journal.exists()
    managed = [record.id for record in state.records.values() if record.type == "double:index:Thing"]
    assert sorted(managed) == sorted(cloud.objects)
    objects = [f"{inputs['name'].split('-')[0]} {json.dumps(inputs)[-20:]}" for inputs in cloud.objects.values()]
    return sorted(text.split(" ")[0] for text in objects), sorted(
        f"{record.urn} {record.delete}" for record in state.records.values()
    )
