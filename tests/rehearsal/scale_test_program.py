"""Stands for `coder exp scaletest`, as far as a rehearsal calls it: options, files, names, texts of 2.31, on one Coder.

What it is asked to get wrong is in SCALE_TEST_FAULT: `lost` (a workspace fails), `stuck` (nothing is deleted), `killed`
(whoever called is killed once everything is made; it ends when the file SCALE_TEST_END is there).
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
from workshop.event.coder.templates import Template
from workshop.event.coder.workspaces import Workspace

PREFIX = "scaletest-"
LOST = """create workspace:
    github.com/coder/coder/v2/scaletest/createworkspaces.(*Runner).Run
        /src/scaletest/createworkspaces/run.go:91
  - wait for agent:
    github.com/coder/coder/v2/scaletest/workspacebuild.(*Runner).RunReturningWorkspace
        /src/scaletest/workspacebuild/run.go:98
  - context deadline exceeded"""

_COMMANDS = {
    "create-workspaces": (
        *("count=", "template=", "parameter=", "no-cleanup", "concurrency=", "job-timeout=", "timeout=", "output="),
    ),
    "workspace-traffic": (
        *("template=", "ssh", "concurrency=", "timeout=", "output="),
        *("scaletest-prometheus-address=", "scaletest-prometheus-wait="),
    ),
    "cleanup": ("cleanup-concurrency=",),
}
"""Options that are used; with = one that takes a value."""


class Refused(Exception):
    """Ends it with what the CLI says."""


def main() -> int:
    """Answers as the CLI does: 0, or 1 with why."""
    try:
        return run()
    except Refused as refused:
        sys.stderr.write(
            f'Encountered an error running "coder exp scaletest", see "coder exp scaletest --help"\nerror: {refused}\n'
        )
        return 1


def run() -> int:
    assert sys.argv[1:3] == ["exp", "scaletest"]
    options = argparse.ArgumentParser()
    for option in _COMMANDS[sys.argv[3]]:
        name, takes_value, _ = option.partition("=")
        action = "append" if name == "parameter" else "store" if takes_value else "store_true"
        options.add_argument(f"--{name}", action=action, default=[] if name == "parameter" else None)
    asked = options.parse_args(sys.argv[4:])
    fault = os.environ.get("SCALE_TEST_FAULT", "")
    with Coder(os.environ["CODER_URL"], os.environ["CODER_SESSION_TOKEN"]) as coder:
        if sys.argv[3] == "cleanup":
            return clean_up(coder, fault)
        template = template_of(coder, asked.template)
        runs = create(coder, template, asked, fault) if sys.argv[3] == "create-workspaces" else connect(coder)
    _, _, path = asked.output.partition(":")
    Path(path).write_text(json.dumps({"total_runs": len(runs), "runs": runs}), encoding="utf-8")
    if fault == "killed":
        os.kill(os.getppid(), signal.SIGKILL)
        while not Path(os.environ["SCALE_TEST_END"]).exists():
            time.sleep(0.05)
    if failed := sum(run["error"] != "<nil>" for run in runs.values()):
        raise Refused(f"load test failed, {failed} runs failed (max allowed: 0)")
    return 0


def template_of(coder: Coder, name: str) -> Template:
    """Of the first organization."""
    organization = coder.organization("coder")
    assert organization is not None
    found = coder.template(organization.id, name)
    if found is None:
        raise Refused(f'parse template: could not find template "{name}" in any organization')
    return found


def create(coder: Coder, template: Template, asked: argparse.Namespace, fault: str) -> dict[str, dict[str, object]]:
    """A user and a workspace each, and what became of it. It asks for each parameter that is not given."""
    parameters = dict(one.split("=", 1) for one in asked.parameter)
    if {one.name for one in coder.rich_parameters(template.active_version_id) if not one.ephemeral} - parameters.keys():
        raise Refused("prepare build: error creating cancelreader: add reader to epoll interest list")
    begun = time.monotonic()
    made: dict[str, str] = {}
    for number in range(int(asked.count)):
        name = f"{PREFIX}x1y2z3w4-{number}"
        organization = template.organization_id
        coder.create_user(
            name, f"x1y2z3w4-{number}@scaletest.local", login_type="password", organization_id=organization
        )
        made[f"workspacebuild/{number}"] = coder.create_workspace(
            name, name, template_id=template.id, parameters=parameters
        ).id
    runs: dict[str, dict[str, object]] = {}
    while made.keys() - runs.keys():
        for number, workspace in made.items():
            found = coder.workspace(workspace)
            assert found is not None
            if number not in runs and (found.is_ready or found.failure):
                lost = fault == "lost" and number == "workspacebuild/0"
                error = found.failure or (LOST if lost else "<nil>")
                runs[number] = {"error": error, "duration_ms": int(1000 * (time.monotonic() - begun))}
        time.sleep(0.2)
    return runs


def connect(coder: Coder) -> dict[str, dict[str, object]]:
    """A connection to each."""
    ready = [one for one in ours(coder) if one.is_ready]
    return {f"workspace-traffic/{n}": {"error": "<nil>", "duration_ms": 120_000} for n in range(len(ready))}


def clean_up(coder: Coder, fault: str) -> int:
    """Deletes all of it."""
    if fault == "stuck":
        raise Refused("failed to delete scaletest workspaces")
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
