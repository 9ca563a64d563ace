"""A rehearsal's clusters end with it, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clusters.nodes import AT, OHIO, POD, eventually
from tests.clusters.objects import NAMESPACE
from tests.sandbox.servers_for_tests import environment_of, sandbox_paths
from workshop.sandbox.clusters import lifecycle, processes
from workshop.sandbox.clusters.api import Api
from workshop.sandbox.clusters.nodes import Nodes
from workshop.sandbox.clusters.running import api_servers, folder_of
from workshop.sandbox.clusters.store import ApiServerStore
from workshop.sandbox.paths import CHECKOUT
from workshop.sandbox.problem import SandboxProblem

pytestmark = [pytest.mark.clusters, pytest.mark.slow]

REHEARSE = """
import signal
from tests.clusters.exec_client import execute
from tests.clusters.nodes import AT, OHIO, eventually, pod, running
from tests.clusters.objects import namespace
from workshop.sandbox.clusters import lifecycle
from workshop.sandbox.clusters.api import Api
from workshop.sandbox.clusters.nodes import Nodes
from workshop.sandbox.clusters.running import api_servers
from workshop.sandbox.clusters.store import ApiServerStore
from workshop.sandbox.paths import SandboxPaths

signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where tests run in the background
paths = SandboxPaths.from_environment()
with lifecycle.rehearsing(paths, {OHIO: Nodes(plain=1)}):
    access = api_servers(paths)[OHIO]
    store = ApiServerStore(Api(OHIO, access))
    store.create(namespace(AT), "tests")
    store.create(pod("worker"), "tests")
    eventually(lambda: running(store, "worker", 1))
    print("running", flush=True)
    execute(access, AT, "worker", "sh", "-c", f"sleep 600; : {paths.folder}")
"""


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
def test_nothing_runs_on_when_a_rehearsal_is_ended(end: signal.Signals, tmp_path: Path) -> None:
    paths = sandbox_paths(tmp_path)

    def alive() -> list[str]:
        listed = subprocess.run(["ps", "-ww", "-e", "-o", "args"], capture_output=True, text=True, check=True)
        return [line for line in listed.stdout.splitlines() if str(paths.folder) in line]

    with environment_of(paths):
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", REHEARSE],
            env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "running\n"
            assert eventually(lambda: [line for line in alive() if "sleep 600" in line])
            assert "etcd" in processes.running(folder_of(paths))
            process.send_signal(end)
            eventually(lambda: not alive(), 30)
            assert processes.running(folder_of(paths)) == ()
            lifecycle.start(paths)  # without nodes, and so without a kubelet that would end what ran on them
            store = ApiServerStore(Api(OHIO, api_servers(paths)[OHIO]), delete_seconds=10)
            assert store.get(POD, AT, "worker") is None
            store.delete(NAMESPACE, None, AT)
        finally:
            process.kill()
            process.communicate()
            lifecycle.stop(paths)


def test_a_catalogue_that_karpenter_cannot_read_is_reported_and_nothing_runs_on(tmp_path: Path) -> None:
    paths = sandbox_paths(tmp_path)
    catalogue = tmp_path / "instance-types.json"
    catalogue.write_text("[", encoding="utf-8")
    with (
        environment_of(paths),
        pytest.raises(
            SandboxProblem, match=r"karpenter-coder-ohio ended at once: karpenter: could not parse JSON data"
        ),
        lifecycle.rehearsing(paths, {OHIO: Nodes(instance_types=catalogue, plain=2)}),
    ):
        pass
    assert processes.running(folder_of(paths)) == ()
