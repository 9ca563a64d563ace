"""A program of toys on the real Pulumi CLI, served by a stand-in."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.sandbox.attach.toys import ToyBox
from workshop.sandbox.attach.environment import isolated_environment, settings_file, stack_variables
from workshop.sandbox.attach.serve import serve
from workshop.sandbox.attach.stack import prepare_stack
from workshop.sandbox.paths import SandboxPaths

pytestmark = pytest.mark.pulumi

PROGRAM = """
import pulumi

class Box(pulumi.ProviderResource):
    def __init__(self, name, ceiling):
        super().__init__("toy", name, {"ceiling": ceiling})

class Toy(pulumi.CustomResource):
    serial: pulumi.Output[str]
    ceiling: pulumi.Output[str]
    def __init__(self, name, props, opts):
        super().__init__("toy:index:Toy", name, {"label": None, "serial": None, "ceiling": None, **props}, opts)

boxes = {ceiling: Box(ceiling, ceiling) for ceiling in ("high", "low")}
for toy in pulumi.Config().require_object("toys"):
    box = boxes[toy.pop("box")]
    toy["note"] = pulumi.Output.secret("hush")
    resource = Toy(toy["name"], toy, pulumi.ResourceOptions(provider=box, aliases=[pulumi.Alias(name="bear")]))
    pulumi.export(toy["name"] + "-serial", resource.serial)
    pulumi.export(toy["name"] + "-ceiling", resource.ceiling)
question = pulumi.Config().get("question")
if question:
    answer = pulumi.runtime.invoke("toy:index:getToy", {"name": question}, pulumi.InvokeOptions(provider=boxes["low"]))
    pulumi.export("answer", answer.value)
"""

BEAR = {"name": "bear", "size": 1, "box": "high"}
DUCK = {"name": "duck", "size": 2, "box": "low"}


class Cli:
    """The CLI in a project of its own, with the toys of a box."""

    def __init__(self, project: Path, environment: Mapping[str, str], settings: Path) -> None:
        self._project = project
        self._environment = environment
        self._settings = settings

    def declare(self, *toys: Mapping[str, Any], question: str = "") -> None:
        document = yaml.safe_load(self._settings.read_text())
        document["config"] |= {"workshop:toys": list(toys), "workshop:question": question}
        self._settings.write_text(yaml.safe_dump(document))

    def run(self, *arguments: str, succeeds: bool = True) -> str:
        done = subprocess.run(
            ["pulumi", *arguments, "--non-interactive"],
            cwd=self._project,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode == 0) is succeeds, done.stdout + done.stderr
        return done.stdout + done.stderr

    def planned(self) -> dict[str, str]:
        """Operation by name of toy, from a preview."""
        steps = json.loads(self.run("preview", "--json", "--show-sames"))["steps"]
        toys = [step for step in steps if step["urn"].split("::")[2].endswith("toy:index:Toy")]
        return {step["urn"].rpartition("::")[2]: step["op"] for step in toys}

    def outputs(self) -> dict[str, Any]:
        return json.loads(self.run("stack", "output", "--json"))


@pytest.fixture
def box() -> ToyBox:
    return ToyBox()


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, box: ToyBox) -> Iterator[Cli]:
    project = tmp_path / "a project"
    project.mkdir()
    (project / "Pulumi.yaml").write_text("name: workshop\nruntime: python\n")
    (project / "Pulumi.sandbox.yaml").write_text("config:\n  workshop:toys: []\n")
    (project / "__main__.py").write_text(PROGRAM)
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home"))
    paths = SandboxPaths(checkout=project, folder=project / ".workshop", given_port=47800)
    environment = isolated_environment(paths)
    prepare_stack(paths, "sandbox", environment)
    with serve({"toy": box.factory}) as ports:
        environment |= stack_variables(paths, "sandbox", ports)
        del environment["PULUMI_OPTION_POLICY_PACK"]
        yield Cli(project, environment, settings_file(paths, "sandbox"))


def test_toys_are_created_once_by_the_provider_they_name(cli: Cli, box: ToyBox) -> None:
    cli.declare(BEAR, DUCK)
    assert cli.planned() == {"bear": "create", "duck": "create"}
    assert box.toys == {}
    cli.run("up", "--yes")
    assert cli.outputs() == {
        "bear-serial": "serial-of-bear",
        "bear-ceiling": "high",
        "duck-serial": "serial-of-duck",
        "duck-ceiling": "low",
    }
    assert cli.planned() == {"bear": "same", "duck": "same"}
    assert "5 unchanged" in cli.run("up", "--yes")


def test_a_size_is_updated_and_a_name_replaced(cli: Cli, box: ToyBox) -> None:
    cli.declare(BEAR)
    cli.run("up", "--yes")
    cli.declare(BEAR | {"size": 5})
    assert cli.planned() == {"bear": "update"}
    cli.run("up", "--yes")
    assert box.toys["bear"]["size"] == 5
    cli.declare(BEAR | {"name": "lion"})
    assert cli.planned() == {"lion": "replace"}
    cli.run("up", "--yes")
    assert box.toys.keys() == {"lion"}


def test_what_someone_else_removed_is_made_again(cli: Cli, box: ToyBox) -> None:
    cli.declare(BEAR)
    cli.run("up", "--yes")
    box.toys.clear()
    cli.run("up", "--yes", "--refresh")
    assert box.toys.keys() == {"bear"}


def test_secrets_stay_secret_in_the_state(cli: Cli, box: ToyBox) -> None:
    cli.declare(BEAR)
    cli.run("up", "--yes")
    assert box.toys["bear"]["note"] == "hush"
    assert "hush" not in cli.run("stack", "export")


def test_a_function_answers_and_its_failure_stops_the_run(cli: Cli, box: ToyBox) -> None:
    cli.declare(BEAR | {"box": "low"})
    cli.run("up", "--yes")
    cli.declare(BEAR | {"box": "low"}, question="bear")
    cli.run("up", "--yes")
    assert cli.outputs()["answer"] == {"size": 1, "ceiling": "low"}
    cli.declare(BEAR | {"box": "low"}, question="nobody")
    assert "toy nobody does not exist" in cli.run("up", "--yes", succeeds=False)


def test_a_refused_create_leaves_no_pending_operation(cli: Cli, box: ToyBox) -> None:
    cli.declare(BEAR | {"name": "forbidden"})
    assert "toy forbidden: the box refuses it" in cli.run("up", "--yes", succeeds=False)
    assert "pending_operations" not in json.loads(cli.run("stack", "export"))["deployment"]


def test_a_wrong_input_fails_the_preview(cli: Cli) -> None:
    cli.declare(BEAR | {"size": 0})
    assert "size is 0, must be 1 or more" in cli.run("preview", succeeds=False)


def test_destroy_deletes_everything(cli: Cli, box: ToyBox) -> None:
    cli.declare(BEAR, DUCK)
    cli.run("up", "--yes")
    cli.run("destroy", "--yes")
    assert box.toys == {}


def test_a_real_stack_is_refused(cli: Cli, box: ToyBox, tmp_path: Path) -> None:
    cli.run("stack", "init", "--stack", "workshop", "--no-select")
    cli.declare(BEAR)
    told = cli.run("up", "--yes", "--stack", "workshop", succeeds=False)
    assert "stack workshop is not a sandbox stack" in told
    assert box.toys == {}


def test_config_set_leaves_the_tracked_settings_as_they_are(cli: Cli, tmp_path: Path) -> None:
    cli.run("config", "set", "question", "bear")
    assert (tmp_path / "a project" / "Pulumi.sandbox.yaml").read_text() == "config:\n  workshop:toys: []\n"
