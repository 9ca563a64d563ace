"""A stack moves between our engine and the real CLI, secrets included, and nothing has changed for either."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.sandbox.engine.double import Cloud
from tests.sandbox.engine.engines import Ours, RealCli
from tests.sandbox.engine.scenario import Scenario, Step
from workshop.sandbox.engine.state.deployment import StateFile

PROGRAM = """
provider = Provider("provider", prefix="x-")
group = Group("group", Options(providers=[provider]), size=2)
first = Thing("first", Options(parent=group, protect=True), name="first", value=Output.secret({"a": [1, 2.5, None]}))
options = Options(provider=provider, retain_on_delete=True, ignore_changes=["zone"])
Thing("second", options, name="second", value=first.address)
Thing("third", value=first.address)
export("address", first.address)
"""

needs_cli = pytest.mark.skipif(
    shutil.which("pulumi") is None,
    reason="pulumi is not on PATH: the exchange of states with the real CLI did not run",
)


@pytest.mark.pulumi
@pytest.mark.slow
@needs_cli
@pytest.mark.parametrize("is_ours_first", [True, False])
def test_a_state_goes_both_ways(is_ours_first: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = Scenario(about="", seen_on=None, program=PROGRAM, steps=())
    up = Step.model_validate({"run": "up", "expect": {"plan": (), "objects": (), "state": ()}})
    cloud = Cloud()
    (tmp_path / "ours").mkdir()
    (tmp_path / "cli").mkdir()
    ours = Ours(scenario, tmp_path / "ours", cloud, monkeypatch)
    file = StateFile(tmp_path / "ours" / "state.json")
    with RealCli(scenario, tmp_path / "cli", cloud) as cli:
        assert not (ours if is_ours_first else cli).perform(up).failed
        if is_ours_first:
            state = file.load()
            state.secrets_providers = json.loads(cli.pulumi("stack", "export"))["deployment"]["secrets_providers"]
            file.save(state)
            cli.pulumi("stack", "import", "--file", str(file.path))
            again = cli.perform(up)
        else:
            file.path.write_text(cli.pulumi("stack", "export", "--show-secrets"))
            again = ours.perform(up)
            cli.pulumi("stack", "import", "--file", str(file.path))
            assert {step.split(" ")[0] for step in cli.perform(up).plan} == {"same"}
    assert not again.failed, again.said
    assert {step.split(" ")[0] for step in again.plan} == {"same"}
    assert again.log == ()
