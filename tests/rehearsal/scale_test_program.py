"""Stands for `coder exp scaletest`, as far as a rehearsal calls it: the same options, files and names, on one Coder.

What it is asked to get wrong is in SCALE_TEST_FAULT: `lost` (a workspace fails), `stuck` (nothing is deleted), `killed`
(whoever called is killed once everything is made).
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from pathlib import Path

from workshop.event.coder.client import Coder
from workshop.event.coder.workspaces import Workspace

PREFIX = "scaletest-"


def main() -> int:
    """Answers as the CLI does: 0, or 1 with a last line that says why."""
    assert sys.argv[1:3] == ["exp", "scaletest"]
    options = argparse.ArgumentParser()
    options.add_argument("command", choices=["create-workspaces", "workspace-traffic", "cleanup"])
    options.add_argument("--template", required=True)
    options.add_argument("--count", type=int)
    options.add_argument("--parameter", action="append", default=[])
    options.add_argument("--output")
    for known in ("concurrency", "job-timeout", "timeout", "cleanup-concurrency"):
        options.add_argument(f"--{known}")
    for known in ("scaletest-prometheus-address", "scaletest-prometheus-wait"):
        options.add_argument(f"--{known}")
    for known in ("no-cleanup", "ssh"):
        options.add_argument(f"--{known}", action="store_true")
    asked = options.parse_args(sys.argv[3:])
    fault = os.environ.get("SCALE_TEST_FAULT", "")
    with Coder(os.environ["CODER_URL"], os.environ["CODER_SESSION_TOKEN"]) as coder:
        if asked.command == "cleanup":
            return clean_up(coder, fault)
        runs = create(coder, asked, fault) if asked.command == "create-workspaces" else connect(coder)
    _, _, path = asked.output.partition(":")
    Path(path).write_text(json.dumps({"total_runs": len(runs), "runs": runs}), encoding="utf-8")
    if fault == "killed":
        os.kill(os.getppid(), signal.SIGKILL)
    return int(any(run["error"] != "<nil>" for run in runs.values()))


def create(coder: Coder, asked: argparse.Namespace, fault: str) -> dict[str, dict[str, object]]:
    """A user and a workspace each, and what became of it."""
    organization = coder.organization("coder")
    assert organization is not None
    template = coder.template(organization.id, asked.template)
    assert template is not None
    parameters = dict(one.split("=", 1) for one in asked.parameter)
    begun = time.monotonic()
    made: dict[str, str] = {}
    for number in range(asked.count):
        name = f"{PREFIX}{number}"
        coder.create_user(name, f"{name}@example.com", login_type="password", organization_id=organization.id)
        made[str(number)] = coder.create_workspace(name, name, template_id=template.id, parameters=parameters).id
    runs: dict[str, dict[str, object]] = {}
    while made.keys() - runs.keys():
        for number, workspace in made.items():
            found = coder.workspace(workspace)
            assert found is not None
            if number not in runs and (found.is_ready or found.failure):
                error = found.failure or ("agent did not connect" if fault == "lost" and number == "0" else "<nil>")
                runs[number] = {"error": error, "duration_ms": int(1000 * (time.monotonic() - begun))}
        time.sleep(0.2)
    return runs


def connect(coder: Coder) -> dict[str, dict[str, object]]:
    """A connection to each."""
    return {one.id: {"error": "<nil>", "duration_ms": 120_000} for one in ours(coder) if one.is_ready}


def clean_up(coder: Coder, fault: str) -> int:
    """Deletes all of it."""
    if fault == "stuck":
        sys.stderr.write("error: failed to delete scaletest workspaces\n")
        return 1
    while left := ours(coder):
        for one in left:
            coder.build(one.id, "delete")
        time.sleep(0.2)
    for user in coder.users(PREFIX):
        coder.delete_user(user.username)
    return 0


def ours(coder: Coder) -> list[Workspace]:
    """Workspaces of scale tests."""
    return [one for one in coder.workspaces() if one.name.startswith(PREFIX)]


if __name__ == "__main__":
    raise SystemExit(main())
