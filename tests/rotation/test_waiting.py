"""How long the entry points wait for Jobs, and what they say when these do not end."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.answering import answering, environment, job
from tests.rotation.test_entry_points import (
    AT_REST,
    CHECK,
    COPY,
    HELD,
    JOBS,
    KEY,
    RAN,
    ROTATED,
    RUNNING,
    SAME,
    STORED,
    Answers,
    info,
    listed,
)
from workshop.rotation import check, copies
from workshop.rotation.cluster import Cluster
from workshop.rotation.failure import RotationFailure
from workshop.rotation.litellm import LiteLLM
from workshop.rotation.stored_key import KeyStore


def waited(
    answers: Answers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, verifies: bool
) -> tuple[str, list[float]]:
    """What it says in the end, and how long it has slept."""
    naps: list[float] = []

    def nap(seconds: float) -> None:
        naps.append(seconds)
        assert sum(naps) < 1000, "it never ends"

    with answering(answers) as served:
        environment(monkeypatch, tmp_path, served.url)
        with LiteLLM(served.url) as litellm, Cluster() as cluster:
            try:
                if verifies:
                    return copies.verify(COPY, litellm, KeyStore(STORED), cluster, nap), naps
                return check.check(CHECK, litellm, cluster, nap), naps
            except RotationFailure as failure:
                return str(failure), naps


BUSY = {f"GET {JOBS[0]}": [listed(job("late")), listed(job("late")), listed()]}
STARTED = {f"GET {JOBS[0]}/check-1": [(200, job("check-1")), (200, job("check-1")), (200, job("check-1", "Complete"))]}


def test_jobs_that_rotate_still_are_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said, naps = waited({**KEY, **SAME, **HELD, **AT_REST, **BUSY}, tmp_path, monkeypatch, verifies=True)
    assert (said, naps) == ("key ai-coder-workshop-1 is in 2 Secrets, all of them", [2, 2])
    endless = {f"GET {JOBS[0]}": listed(job("late"))}
    said, naps = waited({**KEY, **SAME, **HELD, **AT_REST, **endless}, tmp_path, monkeypatch, verifies=True)
    assert sum(naps) == 240
    assert said == (
        "still running after 240 s: coder-ws/late; whatever they write would replace the window's key: delete these "
        "Jobs and run up again"
    )


def test_jobs_of_the_check_are_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    well = {**RUNNING, **RAN, **ROTATED, "GET /key/info": info("litellm-tmp")}
    said, naps = waited({**well, **STARTED}, tmp_path, monkeypatch, verifies=False)
    assert (said, naps) == ("ran 2 CronJobs, found a new key in 2 Secrets", [2])
    endless = {f"GET {JOBS[0]}/check-1": (200, job("check-1"))}
    said, naps = waited({**well, **endless}, tmp_path, monkeypatch, verifies=False)
    assert sum(naps) == 240
    assert said == "Job coder-ws/check-1 has not ended after 240 s: check why, then run up again"
