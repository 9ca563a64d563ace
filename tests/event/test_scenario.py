"""The whole evening on clusters that are folders, for a few people (on API servers: tests/clusters/test_event.py)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.event.sandbox_event import event_of, workshop_in
from tests.event.scenario import A_DAY_BEFORE, Evening, judge, play

pytestmark = pytest.mark.slow
PEOPLE = int(os.environ.get("PEOPLE", "7"))


def test_whatever_goes_wrong_nothing_runs_and_no_work_is_lost_without_a_reason(tmp_path: Path) -> None:
    with (
        workshop_in(tmp_path / "sandbox", users=PEOPLE) as paths,
        event_of(paths, "october", PEOPLE, f"sqlite:///{tmp_path / 'event.db'}", users=PEOPLE, **A_DAY_BEFORE) as event,
    ):
        evening = Evening(event, look_seconds=0.2)
        play(evening, PEOPLE)
        judge(evening, PEOPLE)
