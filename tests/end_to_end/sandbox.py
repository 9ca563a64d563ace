"""The workshop command, run as a person runs it, on a sandbox of the tests' own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from workshop.sandbox.json_values import Json
from workshop.sandbox.paths import CHECKOUT, SandboxPaths

REGIONS = {"us-east-2": "coder-ohio", "us-west-2": "coder-oregon", "eu-west-2": "coder-london"}
"""Each region's cluster context, as in Pulumi.sandbox.yaml."""

ZONE = "0123456789abcdef0123456789abcdef"
_SECONDS = 300


@dataclass(frozen=True, kw_only=True)
class Ran:
    """exit_code and JSON document of one command."""

    exit_code: int
    document: Mapping[str, Json]

    @property
    def changed(self) -> frozenset[str]:
        """Names of the resources that were changed, components and Pulumi's own left out."""
        return frozenset(
            step["name"]
            for step in self.document["steps"]
            if not step["type"].startswith(("pulumi:", "workshop:components:"))
        )


def workshop(paths: SandboxPaths, *arguments: str) -> Ran:
    """Runs one command with --json."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "workshop", *arguments, "--json"],
        env={
            **os.environ,
            "PYTHONPATH": str(CHECKOUT),
            "WORKSHOP_SANDBOX_DIR": str(paths.folder),
            "WORKSHOP_SANDBOX_PORT": str(paths.port),
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    assert done.stdout, done.stderr
    return Ran(exit_code=done.returncode, document=json.loads(done.stdout))


def files(paths: SandboxPaths) -> Mapping[Path, bytes]:
    """The settings files and what the sandbox keeps, but for locks and what the server says of itself."""
    own = {paths.server_file, paths.server_log, paths.server_lock, paths.start_lock}
    kept = (path for path in paths.folder.rglob("*") if path not in own and path.suffix != ".lock")
    return {path: path.read_bytes() for path in (*kept, *CHECKOUT.glob("Pulumi*.yaml")) if path.is_file()}
