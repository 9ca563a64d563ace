"""`workshop monitoring`: what it writes, and what it says where it can't."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from tests.model.given import ROOT
from tests.monitoring.history import WINDOW, prometheus_with_history
from workshop.cli.main import app
from workshop.model.monitoring.baselines import Baselines

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command of `workshop monitoring` on a copy of the stacks' files. window: of the sandbox's stack."""
    for file in ROOT.glob("Pulumi*.yaml"):
        shutil.copy(file, tmp_path)
    monkeypatch.setenv("WORKSHOP_PROJECT", str(tmp_path))
    monkeypatch.setenv("WORKSHOP_SANDBOX_DIR", str(tmp_path / "data"))

    def command(*arguments: str, window: dict[str, str] | None = None) -> Result:
        stack = tmp_path / "Pulumi.sandbox.yaml"
        if window:
            text = yaml.safe_load(stack.read_text())
            text["config"]["workshop:window"] = window
            stack.write_text(yaml.safe_dump(text))
        return CliRunner(env={"COLUMNS": "100"}).invoke(app, ["monitoring", *arguments], prog_name="workshop")

    return command


def test_rules_are_a_file_of_prometheus(run: Run, tmp_path: Path) -> None:
    done = run("rules", "--users", "20", "--to", str(tmp_path / "rules.yaml"))
    assert done.exit_code == 0
    groups = yaml.safe_load((tmp_path / "rules.yaml").read_text())["groups"]
    assert f"{sum(len(group['rules']) for group in groups)} rules in" in done.output
    printed = run("rules", "--users", "20")
    assert yaml.safe_load(printed.stdout)["groups"] == groups


def test_thresholds_follow_users(run: Run) -> None:
    assert "> 40" in run("rules", "--users", "40").stdout


def test_dashboards_are_files(run: Run, tmp_path: Path) -> None:
    done = run("dashboards", "--users", "20", "--to", str(tmp_path / "shown"))
    assert done.exit_code == 0
    assert sorted(file.name for file in (tmp_path / "shown").iterdir()) == [
        f"workshop-{name}.json" for name in ("capacity", "day", "months")
    ]


@pytest.mark.parametrize("command", ["rules", "dashboards"])
def test_a_place_that_cant_be_written_is_said(run: Run, tmp_path: Path, command: str) -> None:
    (tmp_path / "file").write_text("")
    done = run(command, "--users", "20", "--to", str(tmp_path / "file" / "inside"))
    assert done.exit_code == 2
    assert "Cannot write" in done.output
    assert "Traceback" not in done.output


def test_the_event_is_exported_whole(run: Run, tmp_path: Path) -> None:
    if shutil.which("prometheus") is None:
        pytest.skip("needs Debian's package prometheus")
    (tmp_path / "prometheus").mkdir()
    hour = {**WINDOW, "duration": "1h"}
    with prometheus_with_history(tmp_path / "prometheus") as url:
        done = run("export", "--users", "20", "--to", str(tmp_path / "out.json"), "--prometheus", url, window=hour)
        assert done.exit_code == 0, done.output
    written = Baselines.model_validate_json((tmp_path / "out.json").read_bytes())
    values = {figure.id: figure.values for figure in written.figures}
    assert values["peak-workspaces"] == {"": 20}
    assert values["builds-failed"] == {"": 0}
    assert values["nodes-peak"] == {"us-east-2": 4, "us-west-2": 2, "eu-west-2": 2}
    assert values["subdomains"] == {"us-east-2": 100, "us-west-2": 100, "eu-west-2": 100}
    assert 5 < values["cost"][""] < 9
    assert written.alerts == {}
    assert "more than 48 hours ago" in done.output


@pytest.mark.parametrize(
    ("window", "url", "said"),
    [
        (None, "http://127.0.0.1:1", "has no window"),
        ({"start": "2090-10-02T11:00-07:00", "duration": "4h"}, "http://127.0.0.1:1", "The event ends 2090-10-02"),
        (WINDOW, "http://127.0.0.1:1", "Prometheus (http://127.0.0.1:1) can't be reached"),
        (WINDOW, None, "name Prometheus with --prometheus URL"),
    ],
    ids=["no-window", "not-over", "no-answer", "no-url"],
)
def test_what_cant_be_exported_is_said(
    run: Run, tmp_path: Path, window: dict[str, str] | None, url: str | None, said: str
) -> None:
    options = ["--prometheus", url] if url else []
    done = run("export", "--users", "20", "--to", str(tmp_path / "out.json"), *options, window=window)
    assert done.exit_code == 2
    assert said in " ".join(done.output.split())
    assert not (tmp_path / "out.json").exists()
    assert json.dumps(done.output).count("Traceback") == 0
