"""Killed at every step on real API servers, nothing is lost or doubled, and the next `up` converges."""

from __future__ import annotations

import json
import os
import sys
import uuid
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.clusters.objects import CONFIG_MAP, DEPLOYMENT, NODE_POOL, deployment
from tests.faults.processes import NONE, Conditions, environment_of, meet, start
from tests.faults.sandbox import Ran, Running
from workshop.sandbox.clusters.store import ApiServerStore
from workshop.sandbox.json_values import Json
from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.paths import SandboxPaths

pytestmark = [pytest.mark.clusters, pytest.mark.slow]

PROGRAM = Path(__file__).with_name("kinds")
BINDING = kind_of("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding")
NODE_CLASS = kind_of("karpenter.k8s.aws/v1", "EC2NodeClass")
EVERY = 3
"""Of the moments; a step has five or more: journal, call, journal, state."""


def up(arguments: tuple[str, ...], environment: Mapping[str, str], output: Path, conditions: Conditions) -> None:
    """In a process of its own: `up` of the program, with names and a state of its own."""
    meet(environment, output, conditions)
    from workshop.sandbox.engine.run import run
    from workshop.sandbox.providers.packages import PACKAGES

    name, phase = arguments
    paths = SandboxPaths.from_environment()
    outcome = run(
        "up",
        project="kinds",
        stack="sandbox",
        state_file=state_of(paths, name),
        program=PROGRAM,
        config={"kinds:name": name, "kinds:phase": phase, "kinds:kubeconfig": str(paths.kubeconfig)},
        providers=PACKAGES,
        policy_pack=None,
        refresh=True,
    )
    if outcome.error:
        sys.stdout.write(f"Could not run: {outcome.error}\n")
    sys.stdout.flush()
    os._exit(0 if outcome.error is None else 2)


def state_of(paths: SandboxPaths, name: str) -> Path:
    return paths.stacks / f"{name}.json"


class Stack:
    """One stack of the program, under names of its own, over the Deployment that it patches."""

    def __init__(self, paths: SandboxPaths, store: ApiServerStore, folder: Path) -> None:
        self.name = f"kinds-{uuid.uuid4().hex[:8]}"
        self._paths, self._store, self._folder = paths, store, folder
        paths.stacks.mkdir(exist_ok=True)
        store.create(deployment(self.name, replicas=6), "helm")

    def up(self, phase: str, conditions: Conditions = NONE) -> Ran:
        output = self._folder / "output"
        return Running(
            start(up, (self.name, phase), environment_of(self._paths, conditions), output, conditions), output
        ).wait()

    def moments(self, phase: str) -> int:
        record = self._folder / f"moments-{phase}"
        ran = self.up(phase, Conditions(record=record))
        assert ran.exit_code == 0, ran.text
        return len(record.read_text().splitlines())

    def objects(self) -> dict[str, Json]:
        """What the cluster has of it, by kind and name, told by the label and not by the state."""
        found = {
            f"{each.name} {item['metadata']['name'].removeprefix(self.name)}": item.get("spec") or item.get("data")
            for each in (CONFIG_MAP, NODE_POOL, NODE_CLASS, BINDING)
            for item in self._store.list(each)
            if item["metadata"].get("labels", {}).get("kinds") == self.name
        }
        patched = self._store.get(DEPLOYMENT, "default", self.name)
        assert patched is not None
        return json.loads(json.dumps({**found, "replicas": patched["spec"]["replicas"]}).replace(self.name, "NAME"))

    def tracked(self) -> list[str]:
        """Names of the resources in its state, which nothing may be pending in."""
        state = json.loads(state_of(self._paths, self.name).read_text())["deployment"]
        assert not state.get("pending_operations")
        return sorted(found["urn"].rpartition("::")[2] for found in state["resources"])


@pytest.mark.parametrize("phase", ["one", "two"], ids=["creating", "changing"])
def test_killed_at_every_step(clusters: SandboxPaths, store: ApiServerStore, tmp_path: Path, phase: str) -> None:
    unbroken = Stack(clusters, store, tmp_path)
    if phase == "two":
        assert unbroken.up("one").exit_code == 0
    moments = unbroken.moments(phase)
    assert moments > 5 * EVERY
    for number in range(1, moments + 1, EVERY):
        stack = Stack(clusters, store, tmp_path)
        if phase == "two":
            assert stack.up("one").exit_code == 0
        killed = stack.up(phase, Conditions(moments={number: "SIGKILL"}))
        assert killed.exit_code == -9
        again = stack.up(phase)
        assert again.exit_code == 0, f"moment {number}: {again.text}"
        assert (stack.objects(), stack.tracked()) == (unbroken.objects(), unbroken.tracked()), f"moment {number}"
