"""From no-go to go: twelve faults are planted at the servers and fixed there one after another."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.checks.world import FAULTS, World, named_by
from workshop.sandbox.paths import CHECKOUT


def preflight(world: World, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command, as a person runs it."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "workshop", "preflight", *arguments],
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.slow
def test_preflight_goes_from_no_go_to_go_as_each_fault_is_mended(world: World) -> None:
    assert len(FAULTS) >= 10
    for fault in FAULTS:
        fault.plant(world)
    assert preflight(world).returncode == 1
    left = list(FAULTS)
    while left:
        assert world.problems() == named_by(tuple(left)), f"before {left[0].name} is fixed"
        left.pop(0).fix(world)
    assert world.problems() == set()
    done = preflight(world, "--write")
    assert (done.returncode, done.stdout.splitlines()[1][:2]) == (0, "Go"), done.stdout
