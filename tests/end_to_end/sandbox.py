"""The workshop command on a sandbox of the tests' own, in a process forked from one that has imported it already.

As a person starts it, it is run by tests/cli/test_front_door.py, tests/docs/how_to.py and others.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.faults.processes import SECONDS, end, run_undisturbed, start
from workshop.sandbox.json_values import Json
from workshop.sandbox.paths import CHECKOUT, SandboxPaths

REGIONS = {"us-east-2": "coder-ohio", "us-west-2": "coder-oregon", "eu-west-2": "coder-london"}
"""Each region's cluster context, as in Pulumi.sandbox.yaml."""

ZONE = "0123456789abcdef0123456789abcdef"


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
    environment = {
        **os.environ,
        "PYTHONPATH": str(CHECKOUT),
        "WORKSHOP_SANDBOX_DIR": str(paths.folder),
        "WORKSHOP_SANDBOX_PORT": str(paths.port),
    }
    with TemporaryDirectory() as folder:
        output, errors = Path(folder, "output"), Path(folder, "errors")
        process = start(run_undisturbed, (*arguments, "--json"), environment, output, errors)
        process.join(SECONDS)
        exit_code = process.exitcode
        end(process)
        said = output.read_text("utf-8")
        assert exit_code is not None, f"it did not end within {SECONDS} s"
        assert said, errors.read_text("utf-8")
    return Ran(exit_code=exit_code, document=json.loads(said))


def files(paths: SandboxPaths) -> Mapping[Path, bytes]:
    """The settings files and what the sandbox keeps, but for locks and what the server says of itself."""
    own = {paths.server_file, paths.server_log, paths.server_lock, paths.start_lock}
    kept = (path for path in paths.folder.rglob("*") if path not in own and path.suffix != ".lock")
    return {path: path.read_bytes() for path in (*kept, *CHECKOUT.glob("Pulumi*.yaml")) if path.is_file()}
