"""How full the disk is that a home is on, by GNU's and busybox's df."""

from __future__ import annotations

import os

import pytest

from tests.event.work.conftest import new_pod, run
from workshop.event.work.disk import used_percent
from workshop.event.work.exec import Cluster, Container, ExecError
from workshop.event.work.pod import PodError
from workshop.sandbox.paths import SandboxPaths

HEAD = "Filesystem 1024-blocks Used Available Capacity Mounted on"


def with_df(sandbox: SandboxPaths, cluster: Cluster, *lines: str) -> Container:
    """A pod whose df says so."""
    pod = new_pod(sandbox, PATH=f"bin:{os.environ['PATH']}")
    script = "\n".join(["#!/bin/sh", "cat <<'end'", *lines, "end"])
    run(cluster, pod, f"mkdir bin; cat > bin/df <<'script'\n{script}\nscript\nchmod +x bin/df")
    return pod


def test_the_real_one_says_a_percentage(sandbox: SandboxPaths, cluster: Cluster) -> None:
    assert 0 <= used_percent(cluster, new_pod(sandbox)) <= 100


@pytest.mark.parametrize(
    ("line", "percent"),
    [("overlay 1521983488 608793395 913190093 40% /", 40), ("/dev/x 9 9 0 100% /home with 7% blanks", 100)],
)
def test_what_is_used(sandbox: SandboxPaths, cluster: Cluster, line: str, percent: int) -> None:
    assert used_percent(cluster, with_df(sandbox, cluster, HEAD, line)) == percent


def test_what_can_not_be_read_is_a_failure(sandbox: SandboxPaths, cluster: Cluster) -> None:
    with pytest.raises(PodError, match="df did not say"):
        used_percent(cluster, with_df(sandbox, cluster, HEAD))
    with pytest.raises(ExecError):
        used_percent(cluster, Container(namespace="coder-ws", pod="gone", name="dev"))
