"""Killed at every step of one resource of each kind, nothing is lost or doubled, and the next `up` converges."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from tests.faults.kills import at_every_step, kills
from tests.faults.one_of_each_kind import FIRST, SECOND, up
from tests.faults.sandbox import sandbox_in
from tests.faults.verdict import Ground, Phase


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Generator[Ground]:
    with sandbox_in(tmp_path_factory.mktemp("kinds")) as sandbox:
        sandbox.command = up
        yield Ground(sandbox, FIRST)


def test_every_step_is_met_and_all_of_its_moments_in_turn() -> None:
    step = ["journal, torn", "journal, written", "create A a, done", "journal, torn", "journal, written"]
    moments = [*step, *step, *step, "sandbox.json, replaced"]
    assert at_every_step(moments) == [1, 3, 7, 8, 13, 16]


@pytest.mark.slow
@pytest.mark.parametrize("phase", [FIRST, SECOND], ids=["creating", "changing"])
def test_killed_at_every_step(ground: Ground, phase: Phase) -> None:
    found = list(kills(ground, phase, "SIGKILL"))
    assert {verdict.exit_code for verdict in found} in ({-9}, {-9, 0})
    assert [verdict for verdict in found if not verdict.is_good] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "second Ctrl-C"])
def test_asked_to_stop(ground: Ground, name: str) -> None:
    found = list(kills(ground, FIRST, name, every=2))
    assert 2 in {verdict.exit_code for verdict in found}
    assert [verdict for verdict in found if not verdict.is_good] == []
