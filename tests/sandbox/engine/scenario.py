"""Scenarios as data: programs, what is run, and what the real CLI was seen to make of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

from tests.sandbox.engine.double import Cloud

FOLDER = Path(__file__).parent / "scenarios"
PROJECT, STACK = "scenario", "sandbox"

PRELUDE = """\
import pulumi
from double_sdk import Group, Provider, Thing, lookup, lookup_output
from pulumi import Alias, Output, ResourceHook, ResourceHookBinding, export
from pulumi import ResourceOptions as Options

config = pulumi.Config()
phase = config.get("phase")
"""
"""What every scenario's program begins with."""


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Outside(_Data):
    """What others do to the cloud before a step: objects removed, and properties set."""

    remove: tuple[str, ...] = ()
    set: Mapping[str, Mapping[str, object]] = {}


class Expected(_Data):
    """failed: whether the exit code is not 0. plan: "operation type name", sorted. objects: what the cloud holds.

    state: "type name", sorted, with marks. log: provider calls in order, where the order is certain.
    outputs: of the stack. error: a part of our engine's message.
    """

    failed: bool = False
    plan: tuple[str, ...]
    objects: tuple[str, ...]
    state: tuple[str, ...]
    violated: tuple[str, ...] = ()
    log: tuple[str, ...] | None = None
    outputs: Mapping[str, object] | None = None
    error: str | None = None


class Step(_Data):
    """One command. interrupt_at: the provider call during which Ctrl-C is pressed."""

    run: Literal["preview", "up", "destroy", "refresh"]
    config: Mapping[str, str] = {}
    refresh: bool = False
    outside: Outside = Outside()
    interrupt_at: str | None = None
    expect: Expected


class Scenario(_Data):
    """seen_on: the version of the CLI on which all expectations were seen; None where ours differs on
    purpose, or where it was not tried yet."""

    about: str
    seen_on: str | None
    program: str
    pack: str | None = None
    exists: Mapping[str, Mapping[str, object]] = {}
    steps: tuple[Step, ...]

    def write(self, folder: Path) -> None:
        """Lays the project out in a folder."""
        (folder / "Pulumi.yaml").write_text(f"name: {PROJECT}\nruntime: python\n")
        (folder / "__main__.py").write_text(PRELUDE + self.program)
        if self.pack:
            (folder / "pack").mkdir()
            (folder / "pack" / "PulumiPolicy.yaml").write_text("runtime: python\n")
            (folder / "pack" / "__main__.py").write_text(self.pack)

    def prepare(self, cloud: Cloud) -> None:
        """Puts into the cloud what exists before the first step."""
        cloud.objects.update({id: dict(inputs) for id, inputs in self.exists.items()})


def scenarios() -> dict[str, Scenario]:
    """Every scenario by its file's name."""
    return {
        path.stem: Scenario.model_validate(yaml.safe_load(path.read_text())) for path in sorted(FOLDER.glob("*.yaml"))
    }


def interfere(step: Step, cloud: Cloud) -> None:
    """Does to the cloud what others do before a step."""
    for id in step.outside.remove:
        del cloud.objects[id]
    for id, inputs in step.outside.set.items():
        cloud.objects[id].update(inputs)
