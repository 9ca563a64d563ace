"""Clusters are opened in many threads at once, by checks; a decoder that learns in two of them ends the process."""

from __future__ import annotations

import subprocess
import sys

import pytest

from workshop.sandbox.paths import CHECKOUT

PROGRAM = """
import sys, threading
import workshop.observe.live_cluster
from lightkube import KubeConfig
sys.setswitchinterval(1e-6)
parts = {"cluster": {"server": "http://a"}, "context": {"cluster": "a", "user": "a"}, "user": {"token": "t"}}
config = {part + "s": [{"name": "a", part: body}] for part, body in parts.items()}
together = threading.Barrier(8)
def opening():
    together.wait()
    KubeConfig.from_dict(config)
threads = [threading.Thread(target=opening) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""


@pytest.mark.parametrize("attempt", range(8))
def test_kubeconfigs_are_read_in_many_threads_at_once(attempt: int) -> None:
    """One in four such processes crashed."""
    program = [sys.executable, "-P", "-c", PROGRAM]
    done = subprocess.run(program, env={"PYTHONPATH": str(CHECKOUT)}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
