"""Whatever the keeper works with fails for a few calls, an event comes to the end to which it comes without."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.event.sandbox_event import workshop_in
from tests.event.upstreams.play import UNDISTURBED, play
from tests.event.upstreams.schedule import UPSTREAMS, Failing, Schedule

pytestmark = pytest.mark.slow


def test_every_kind_of_failure_of_every_upstream(tmp_path: Path) -> None:
    schedule = Schedule(kinds=(*Failing,), first=15)
    with workshop_in(tmp_path / "sandbox") as paths:
        played = play(paths, "disturbed", f"sqlite:///{tmp_path / 'event.db'}", schedule)
    assert played.end == UNDISTURBED
    assert {upstream for upstream, _ in schedule.failed} >= {*UPSTREAMS} - {"litellm", "s3"}
    assert {kind for _, kind in schedule.failed} == {*Failing}
