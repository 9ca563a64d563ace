"""What a pod runs does not outlive whoever plays it."""

from __future__ import annotations

import os
import subprocess
import sys

from workshop.sandbox.paths import CHECKOUT


def test_a_container_ends_when_nobody_holds_its_input_any_more() -> None:
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "workshop.sandbox.pods.container", "workshop.warm", "stay", "3600"],
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    ) as process:
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(timeout=120) == 143
