"""Whatever the keeper works with fails for a few calls, an event comes to the end to which it comes without."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.event.sandbox_event import workshop_in
from tests.event.upstreams.play import Played, play
from tests.event.upstreams.schedule import UPSTREAMS, Failing, Schedule
from workshop.sandbox.paths import SandboxPaths

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> Generator[SandboxPaths]:
    with workshop_in(tmp_path_factory.mktemp("upstreams")) as found:
        yield found


@pytest.fixture(scope="module")
def undisturbed(paths: SandboxPaths, tmp_path_factory: pytest.TempPathFactory) -> Played:
    url = f"sqlite:///{tmp_path_factory.mktemp('undisturbed') / 'event.db'}"
    return play(paths, "undisturbed", url, Schedule(kinds=(), upstreams=()))


def test_every_kind_of_failure_of_every_upstream(paths: SandboxPaths, undisturbed: Played, tmp_path: Path) -> None:
    schedule = Schedule(kinds=(*Failing,), first=15)
    played = play(paths, "disturbed", f"sqlite:///{tmp_path / 'event.db'}", schedule)
    assert played.end == undisturbed.end
    assert {upstream for upstream, _ in schedule.failed} >= {*UPSTREAMS} - {"litellm", "s3"}
    assert {kind for _, kind in schedule.failed} == {*Failing}
