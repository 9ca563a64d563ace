"""Runs a scenario's steps on our engine or on the real CLI, and tells in the same words what came of it."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from tests.sandbox.engine.double import Cloud
from tests.sandbox.engine.scenario import PROJECT, STACK, Scenario, Step, interfere
from workshop.sandbox.attach.serve import serve
from workshop.sandbox.engine.run import run
from workshop.sandbox.engine.state.deployment import StateFile
from workshop.sandbox.json_values import Json

SDK = Path(__file__).parent / "sdk"
_SECONDS = 120
_STATE_MARKS = (
    "protect",
    "delete",
    "external",
    "retainOnDelete",
    "pendingReplacement",
    "aliases",
    "customTimeouts",
    "hideDiff",
)
_OPERATIONS = {
    "create-replacement": "replace",
    "import-replacement": "import",
    "read-replacement": "read",
    "discard": "delete",
    "remove-pending-replace": "delete",
}
_NOT_COUNTED = ("replace", "delete-replaced", "discard-replaced", "refresh")
"""Parts of a replacement, which is counted once, and reading back."""


@dataclass(frozen=True, kw_only=True)
class Observed:
    """What came of one step; see scenario.Expected."""

    failed: bool
    plan: tuple[str, ...]
    objects: tuple[str, ...]
    state: tuple[str, ...]
    violated: tuple[str, ...]
    log: tuple[str, ...]
    outputs: Mapping[str, object]
    said: str


class Engine(Protocol):
    def perform(self, step: Step) -> Observed: ...


class Ours:
    """The sandbox's engine, in this process."""

    def __init__(self, scenario: Scenario, folder: Path, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "path", [str(SDK), *sys.path])
        scenario.write(folder)
        scenario.prepare(cloud)
        self._pack = folder / "pack" if scenario.pack else None
        self._folder, self._cloud = folder, cloud
        self._file = StateFile(folder / "state.json")

    def perform(self, step: Step) -> Observed:
        interfere(step, self._cloud)
        self._cloud.log.clear()
        self._cloud.before_call = _interrupting(step, os.getpid())
        outcome = run(
            step.run,
            project=PROJECT,
            stack=STACK,
            state_file=self._file.path,
            program=self._folder,
            config={f"{PROJECT}:{key}": value for key, value in step.config.items()},
            providers={"double": self._cloud.provider},
            policy_pack=self._pack,
            refresh=step.refresh,
        )
        deployment: Json = json.loads(self._file.load().text())["deployment"]
        return Observed(
            failed=bool(outcome.error) or outcome.is_refused,
            plan=_sorted(f"{change.operation} {change.type} {change.name}" for change in outcome.changes)
            if step.run != "refresh"
            else (),  # the CLI's events say what was read, not what came of it
            objects=_objects(self._cloud),
            state=_state(deployment["resources"]),
            violated=_sorted(violation.policy for violation in outcome.violations if violation.is_mandatory),
            log=tuple(_without_random(line) for line in self._cloud.log),
            outputs={key: _without_random(str(value)) for key, value in outcome.outputs.items()},
            said=str(outcome.error),
        )


class RealCli(AbstractContextManager["RealCli"]):
    """The `pulumi` on PATH, with the double served to it over gRPC."""

    def __init__(self, scenario: Scenario, folder: Path, cloud: Cloud) -> None:
        self._folder, self._cloud = folder / "project", cloud
        self._folder.mkdir()
        scenario.write(self._folder)
        scenario.prepare(cloud)
        self._has_pack = bool(scenario.pack)
        backend = folder / "backend"
        backend.mkdir()
        self._servers = ExitStack()
        ports = self._servers.enter_context(serve({"double": cloud.provider}))
        self._environment = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(folder),
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_BACKEND_URL": backend.as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "scenario",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DEBUG_COMMANDS": "true",
            "PULUMI_DEBUG_PROVIDERS": f"double:{ports['double']}",
            "PYTHONPATH": str(SDK),
        }
        self.version = self.pulumi("version").strip()
        self.pulumi("stack", "init", STACK)
        self.pulumi("stack", "select", STACK)

    def __exit__(self, *_: object) -> None:
        self._servers.close()

    def perform(self, step: Step) -> Observed:
        interfere(step, self._cloud)
        self._cloud.log.clear()
        (self._folder / f"Pulumi.{STACK}.yaml").write_text(self._settings(step))
        events = self._folder.parent / "events.json"
        events.unlink(missing_ok=True)
        flags = ["--event-log", str(events)]
        if step.run != "preview":
            flags += ["--yes", "--skip-preview"] if step.interrupt_at or step.run == "refresh" else ["--yes"]
        if step.run == "destroy":
            flags += ["--exclude-protected", "--run-program"]
        if step.refresh:
            flags += ["--refresh"]
        if self._has_pack and step.run in ("preview", "up"):
            flags += ["--policy-pack", "pack"]
        process = self._start(step.run, *flags)
        self._cloud.before_call = _interrupting(step, process.pid)
        said, _ = process.communicate(timeout=_SECONDS)
        seen = _last_run([json.loads(line) for line in events.read_text().splitlines()] if events.exists() else [])
        deployment: Json = json.loads(self.pulumi("stack", "export", "--show-secrets"))["deployment"]
        outputs: Json = json.loads(self.pulumi("stack", "output", "--json"))
        return Observed(
            failed=process.returncode != 0,
            plan=_plan(seen),
            objects=_objects(self._cloud),
            state=_state(deployment.get("resources") or []),
            violated=_sorted(
                {
                    event["policyEvent"]["policyName"]
                    for event in seen
                    if event.get("policyEvent", {}).get("enforcementLevel") == "mandatory"
                }
            ),
            log=tuple(_without_random(line) for line in self._cloud.log),
            outputs={key: _without_random(str(value)) for key, value in outputs.items()},
            said=said,
        )

    def _settings(self, step: Step) -> str:
        config = {f"{PROJECT}:{key}": value for key, value in step.config.items()}
        salt = self._folder / f"Pulumi.{STACK}.yaml"
        kept = [line for line in salt.read_text().splitlines() if line.startswith("encryptionsalt")]
        return "\n".join([*kept, f"config: {json.dumps(config)}", ""])

    def _start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [shutil.which("pulumi") or "pulumi", *arguments, "--non-interactive", "--stack", STACK, "--color", "never"],
            cwd=self._folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def pulumi(self, *arguments: str) -> str:
        command = [shutil.which("pulumi") or "pulumi", *arguments, "--non-interactive"]
        done = subprocess.run(command, cwd=self._folder, env=self._environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout


def _interrupting(step: Step, pid: int) -> Json:
    def before_call(action: str, name: str) -> None:
        if step.interrupt_at == f"{action} {name}":
            os.kill(pid, signal.SIGINT)

    return before_call


def _last_run(events: list[Json]) -> list[Json]:
    starts = [index for index, event in enumerate(events) if "preludeEvent" in event]
    return events[starts[-1] :] if starts else events


def _plan(events: Iterable[Json]) -> tuple[str, ...]:
    steps: list[str] = []
    events = list(events)
    failed = {event["resOpFailedEvent"]["metadata"]["urn"] for event in events if "resOpFailedEvent" in event}
    failed |= {event["diagnosticEvent"].get("urn") for event in events if _is_refusal(event.get("diagnosticEvent"))}
    for event in events:
        if "resourcePreEvent" not in event:
            continue
        metadata: dict[str, Json] = event["resourcePreEvent"]["metadata"]
        operation, kind, name = metadata["op"], metadata["type"], metadata["urn"].split("::", 3)[3]
        is_default_provider = kind.startswith("pulumi:providers:") and name.split("_")[0] == "default"
        if not (operation in _NOT_COUNTED or is_default_provider or metadata["urn"] in failed):
            steps.append(f"{_OPERATIONS.get(operation, operation)} {kind} {name}")
    deleted = {step.partition(" ")[2] for step in steps if step.startswith("delete ")}
    # A destroy registers everything as it is before it deletes it.
    return _sorted(step for step in steps if not (step.startswith("same ") and step.partition(" ")[2] in deleted))


def _is_refusal(diagnostic: Json) -> bool:
    """An error about one resource. Those about the stack only say that there was one, and a second resource with the
    URN of a first one says nothing about the first.
    """
    return (
        bool(diagnostic)
        and diagnostic["severity"] == "error"
        and "pulumi:pulumi:Stack" not in diagnostic.get("urn", "")
        and not diagnostic["message"].startswith("Duplicate resource URN")
    )


def _state(resources: Iterable[Json]) -> tuple[str, ...]:
    return _sorted(
        " ".join(
            [
                resource["type"],
                resource["urn"].split("::", 3)[3],
                *(mark for mark in _STATE_MARKS if resource.get(mark)),
            ]
        )
        for resource in resources
    )


def _objects(cloud: Cloud) -> tuple[str, ...]:
    return _sorted(f"{id} {json.dumps(inputs.get('value'))}" for id, inputs in cloud.objects.items())


def _sorted(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(_without_random(text) for text in texts))


def _without_random(text: str) -> str:
    return re.sub(r"(?<=-)[0-9a-f]{6}\b", "*", text)
