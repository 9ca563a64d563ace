"""Saves many large workspaces of the sandbox at once into a sink. Run by `scripts/save-load`; see docs/event.md."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tests.event.work.conftest import OHIO, aws_environment, new_pod
from tests.sandbox.servers_for_tests import running
from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.manifests.store import ManifestStore
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.pods.homes import home_of

MIB: Final = 1024 * 1024
MOST_RSS_MIB: Final = 300


def main() -> int:
    """0 if all were saved within the memory that is allowed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seats", type=int, default=60)
    parser.add_argument("--mib", type=int, default=200, help="of each seat")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, running(Path(folder) / "sandbox") as paths, _sink() as endpoint:
        pods = _fill(paths, Path(folder), options.seats, options.mib)
        environment = {**os.environ, **aws_environment(paths), "AWS_ENDPOINT_URL": endpoint}
        keeper = [sys.executable, "-m", "tests.benchmarks.saving.keeper", str(paths.kubeconfig), OHIO, *pods]
        done = subprocess.run(keeper, env=environment, check=True, stdout=subprocess.PIPE)
    found: dict[str, Any] = json.loads(done.stdout)
    mib = found["bytes"] / MIB
    sys.stdout.write(
        f"{options.seats} saves of {options.mib} MiB at once: {found['results']}\n"
        f"{mib:,.0f} MiB in {found['seconds']:.0f} s, {mib / found['seconds']:.0f} MiB/s on {os.cpu_count()} CPUs; "
        f"{found['cpu_seconds']:.0f} s of them the keeper's\n"
        f"memory of the keeper at most {found['rss_mib']:.0f} MiB, {found['rss_mib_before']:.0f} before; "
        f"{MOST_RSS_MIB} are allowed\n"
    )
    return 0 if found["rss_mib"] < MOST_RSS_MIB and found["results"] == {"saved": options.seats} else 1


def _fill(paths: SandboxPaths, folder: Path, seats: int, mib: int) -> list[str]:
    """Pods whose homes share one file: what a save reads, without as much disk. Nothing is compressed there."""
    large, programs = folder / "large", folder / "programs"
    with large.open("wb") as file:
        for _ in range(mib):
            file.write(os.urandom(MIB))
    programs.mkdir()
    (programs / "gzip").write_text("#!/bin/sh\nexec cat\n")
    (programs / "gzip").chmod(0o755)
    pods: list[str] = []
    for _ in range(seats):
        container = new_pod(paths, PATH=f"{programs}:{os.defpath}")
        pod = ManifestStore(paths.clusters / OHIO).get(kind_of("v1", "Pod"), container.namespace, container.pod)
        assert pod is not None
        (home_of(paths, OHIO, pod) / "large").hardlink_to(large)
        pods.append(container.pod)
    return pods


@contextmanager
def _sink() -> Generator[str]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.saving.sink"], stdout=subprocess.PIPE, text=True
    ) as sink:
        assert sink.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(sink.stdout.readline())}"
        finally:
            sink.terminate()


if __name__ == "__main__":
    sys.exit(main())
