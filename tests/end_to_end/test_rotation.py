"""Rotation through a window, command by command: held in order, kept when the window moves, resumed afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Generator, Mapping
from datetime import timedelta

import pytest

from tests.end_to_end.rotation import (
    LONG_AGO,
    ended_well,
    fire_switch,
    is_alive,
    keys,
    left,
    limits,
    order_of,
    set_window,
    suspended,
)
from tests.end_to_end.sandbox import REGIONS, workshop
from tests.sandbox.servers_for_tests import running
from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.manifests.store import ClusterStore, ManifestStore
from workshop.sandbox.paths import CHECKOUT, SandboxPaths

pytestmark = pytest.mark.slow

SOON = timedelta(hours=1)
LATER = timedelta(hours=3)
OVER = timedelta(hours=-10)


@pytest.fixture
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Generator[SandboxPaths]:
    """With the workshop's image everywhere, as in the weeks before a window."""
    with running(tmp_path_factory.mktemp("rotation")) as paths:
        set_window(paths, starts_in=None)
        assert workshop(paths, "up").exit_code == 0
        yield paths


@pytest.fixture
def stores(sandbox: SandboxPaths) -> Mapping[str, ClusterStore]:
    return {context: ManifestStore(sandbox.clusters / context) for context in REGIONS.values()}


def hold(paths: SandboxPaths, starts_in: timedelta = SOON) -> None:
    set_window(paths, starts_in=starts_in)
    ran = workshop(paths, "up")
    assert ran.exit_code == 0, ran.document["error"]


def test_held_in_order_moved_resumed_and_gone(sandbox: SandboxPaths, stores: Mapping[str, ClusterStore]) -> None:
    set_window(sandbox, starts_in=SOON)
    held = workshop(sandbox, "up")
    assert held.exit_code == 0, held.document["error"]
    steps = order_of(held, "Job", "CronJob", "CronJobPatch")
    copies = {f"{region}-copy-job" for region in REGIONS}
    verified = {f"{region}-verify-job" for region in REGIONS}
    assert steps[0] == "us-east-2-issue-job"
    assert set(steps[1:4]) == copies
    assert {name.rpartition("-")[2] for name in steps[4:7]} == {"switch"}
    assert steps[7] == "us-east-2-generator-litellm-rotation"
    assert len(steps[8:-3]) == 9
    assert set(steps[-3:]) == verified
    (key,) = set(keys(stores))
    assert len(keys(stores)) == 9
    assert list(suspended(stores).values()) == [True] * 10
    assert key not in (sandbox.stacks / "sandbox.json").read_text("utf-8")
    assert workshop(sandbox, "up").changed == frozenset()

    hold(sandbox, LATER)
    assert set(keys(stores)) == {key}, "a window that is moved keeps its key"
    assert list(suspended(stores).values()) == [True] * 10

    set_window(sandbox, starts_in=OVER)
    resumed = workshop(sandbox, "up")
    assert resumed.exit_code == 0, resumed.document["error"]
    steps = [name for name in order_of(resumed, "Job", "CronJobPatch") if not name.endswith(("copy-job", "issue-job"))]
    assert steps.index("us-east-2-generator-litellm-rotation") == 9
    assert steps[10] == "us-east-2-generator-check-generator-job"
    assert not any(suspended(stores).values())
    assert key not in keys(stores), "one rotation has been run"
    assert is_alive(sandbox, keys(stores)[0])
    assert not is_alive(sandbox, key), "and only then the window's key was revoked"

    set_window(sandbox, starts_in=None)
    assert workshop(sandbox, "up").exit_code == 0
    assert left(stores) == []
    assert limits(stores) == [None] * 3


def test_one_secret_that_differs_fails_up_until_it_is_copied_again(
    sandbox: SandboxPaths, stores: Mapping[str, ClusterStore]
) -> None:
    hold(sandbox)
    london, job = stores["coder-london"], kind_of("batch/v1", "Job")
    patch = {"apiVersion": "v1", "kind": "Secret", "metadata": {"namespace": "coder-ws-demo", "name": "litellm"}}
    london.apply({**patch, "data": {"token": "c2stb3RoZXI="}}, "somebody", force=True)
    names = {one["metadata"]["name"].split("-")[3]: one["metadata"]["name"] for one in london.list(job)}
    london.delete(job, "ai-coder-workshop", names["verify"])

    failed = workshop(sandbox, "up")
    assert failed.exit_code != 0
    assert "Secret coder-ws-demo/litellm holds a key other than the window's" in failed.document["error"]
    assert not any(key in failed.document["error"] for key in keys(stores))
    london.delete(job, "ai-coder-workshop", names["copy"])
    fixed = workshop(sandbox, "up")
    assert fixed.exit_code == 0, fixed.document["error"]
    assert len(set(keys(stores))) == 1


def test_a_destroyed_stack_resumes_swappers_first_and_leaves_nothing(
    sandbox: SandboxPaths, stores: Mapping[str, ClusterStore]
) -> None:
    hold(sandbox)
    released = workshop(sandbox, "destroy")
    assert released.exit_code == 0, released.document["error"]

    steps = order_of(released, "CronJobPatch", "CronJob")
    assert steps.index("us-east-2-generator-litellm-rotation") == 9
    assert {name.rpartition("-")[2] for name in steps[10:]} == {"switch"}
    assert not any(suspended(stores).values())
    assert left(stores) == []
    assert limits(stores) == [None] * 3


def test_an_engine_killed_half_way_leaves_a_switch_that_resumes(
    sandbox: SandboxPaths, stores: Mapping[str, ClusterStore]
) -> None:
    set_window(sandbox, starts_in=SOON)
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "workshop", "up", "--json"],
        env={
            **os.environ,
            "PYTHONPATH": str(CHECKOUT),
            "WORKSHOP_SANDBOX_DIR": str(sandbox.folder),
            "WORKSHOP_SANDBOX_PORT": str(sandbox.port),
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        while process.poll() is None and not any(suspended(stores).values()):
            pass
        process.send_signal(signal.SIGKILL)
    assert any(suspended(stores).values())

    for context, store in stores.items():
        early = fire_switch(sandbox, context, store)
        assert ended_well(early)
    assert any(suspended(stores).values()), "before the close it does nothing"
    for context, store in stores.items():
        assert ended_well(fire_switch(sandbox, context, store, LONG_AGO))
    assert not any(suspended(stores).values())
    assert limits(stores) == [None] * 3
