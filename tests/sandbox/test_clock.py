"""The sandbox's clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.sandbox.servers_for_tests import sandbox_paths
from workshop.sandbox.clock import clock_file, sandbox_now, set_clock
from workshop.sandbox.problem import SandboxProblem


def test_it_is_the_wall_clocks_until_it_is_set(tmp_path: Path) -> None:
    before = datetime.now(UTC)
    assert before <= sandbox_now(sandbox_paths(tmp_path)) <= datetime.now(UTC)


def test_it_runs_from_what_it_was_set_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths, shown, really = sandbox_paths(tmp_path), datetime(2027, 1, 2, 9, tzinfo=UTC), datetime.now(UTC)

    class Moved(datetime):
        passed = timedelta()

        @classmethod
        def now(cls, tz: object = None) -> datetime:
            return really + cls.passed

    monkeypatch.setattr("workshop.sandbox.clock.datetime", Moved)
    set_clock(paths, shown, speed=60)
    assert sandbox_now(paths) == shown
    Moved.passed = timedelta(seconds=2)
    assert sandbox_now(paths) == shown + timedelta(minutes=2)


def test_one_that_was_damaged_is_named_with_the_way_out(tmp_path: Path) -> None:
    paths = sandbox_paths(tmp_path)
    clock_file(paths).parent.mkdir(exist_ok=True)
    clock_file(paths).write_text("{")
    with pytest.raises(SandboxProblem, match=r"clock\.json can't be read[\s\S]*delete it"):
        sandbox_now(paths)
