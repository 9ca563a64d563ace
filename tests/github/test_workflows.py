"""GitHub's workflows: zizmor finds nothing, actions are pinned, and what runs a pull request's code holds no rights."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.model.given import ROOT

FOLDER = ROOT / ".github"
WORKFLOWS = sorted(FOLDER.glob("workflows/*.yaml"))
FILES = [*WORKFLOWS, *sorted(FOLDER.glob("actions/*/action.yaml"))]


def read(file: Path) -> dict[str, Any]:
    """YAML 1.1 takes the key `on` for true."""
    return yaml.safe_load(file.read_text("utf-8").replace("\non:\n", '\n"on":\n', 1))


def test_zizmor_finds_nothing() -> None:
    zizmor = shutil.which("zizmor", path=str(Path(sys.executable).parent))
    assert zizmor is not None
    done = subprocess.run([zizmor, "--offline", "--quiet", str(FOLDER)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_actions_are_pinned_with_their_version(file: Path) -> None:
    used = re.findall(r"uses: (.*)", file.read_text("utf-8"))
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v[0-9.]+", one) or one.startswith("./") for one in used)


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_rights_are_named_and_jobs_end(file: Path) -> None:
    workflow = read(file)
    assert set(workflow["permissions"].values() if workflow["permissions"] else ()) <= {"read"}
    assert all("timeout-minutes" in job for job in workflow["jobs"].values())
    assert "${{ secrets" not in file.read_text("utf-8")


@pytest.mark.parametrize("name", ["ci", "pull-request"])
def test_what_runs_a_forks_code_can_only_read(name: str) -> None:
    workflow = read(FOLDER / "workflows" / f"{name}.yaml")
    assert workflow["permissions"] == {"contents": "read"}
    assert not any("permissions" in job or "environment" in job for job in workflow["jobs"].values())


def test_what_may_comment_checks_out_the_default_branch_alone() -> None:
    (job,) = read(FOLDER / "workflows" / "comment.yaml")["jobs"].values()
    (checkout,) = [step for step in job["steps"] if "checkout" in step.get("uses", "")]
    assert checkout["with"]["ref"] == "${{ github.event.repository.default_branch }}"
    assert not any("git checkout" in step.get("run", "") or "artifact" in step.get("uses", "") for step in job["steps"])


def test_what_reaches_real_systems_stands_behind_an_environment() -> None:
    for name in ("preview", "apply"):
        jobs = read(FOLDER / "workflows" / f"{name}.yaml")["jobs"].values()
        with_token = [job for job in jobs if job.get("permissions", {}).get("id-token") == "write"]
        assert with_token
        assert all("environment" in job for job in with_token)


def step_of(job: str) -> str:
    """What the last step of a job of ci.yaml runs."""
    return read(FOLDER / "workflows" / "ci.yaml")["jobs"][job]["steps"][-1]["run"]


@pytest.mark.parametrize(
    ("changed", "tests"),
    [
        (["zones/devcoder.io.yaml", "zones/zones.lock"], "no"),
        (["zones/devcoder.io.yaml", "workshop/model/zones/file.py"], "yes"),
        (["zones/zone.schema.json"], "yes"),
        (["zones/sub/x.yaml"], "yes"),
        (["docs/zones/x.yaml"], "yes"),
        ([], "yes"),
    ],
)
def test_zone_files_alone_need_no_tests(tmp_path: Path, changed: list[str], tests: str) -> None:
    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *identity, *arguments], cwd=tmp_path, check=True, capture_output=True)

    git("init", "-q")
    git("commit", "-q", "--allow-empty", "-m", "before")
    for name in changed:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x\n", "utf-8")
    git("add", "-A")
    git("commit", "-q", "--allow-empty", "-m", "after")
    output = tmp_path / "output"
    environment = {"PATH": os.environ["PATH"], "BASE": "HEAD~1", "GITHUB_OUTPUT": str(output)}
    run = ["bash", "-e", "-o", "pipefail", "-c", step_of("scope")]
    subprocess.run(run, cwd=tmp_path, env=environment, check=True)
    assert output.read_text("utf-8") == f"tests={tests}\n"
    subprocess.run(run, cwd=tmp_path, env={**environment, "BASE": ""}, check=True)
    assert output.read_text("utf-8").endswith("tests=yes\n")


@pytest.mark.parametrize(
    ("scope", "needed", "tests", "passes"),
    [
        ("success", "yes", "success", True),
        ("success", "no", "skipped", True),
        ("success", "yes", "failure", False),
        ("success", "yes", "cancelled", False),
        ("success", "yes", "skipped", False),
        ("failure", "", "skipped", False),
    ],
)
def test_the_required_check_reports_always_and_passes_with_the_tests(
    scope: str, needed: str, tests: str, *, passes: bool
) -> None:
    workflow = read(FOLDER / "workflows" / "ci.yaml")
    assert workflow["jobs"]["ci"]["if"] == "always()"
    assert workflow["on"]["pull_request"] is None
    environment = {"PATH": os.environ["PATH"], "SCOPE": scope, "NEEDED": needed, "TESTS": tests}
    done = subprocess.run(["bash", "-e", "-c", step_of("ci")], env=environment, check=False, capture_output=True)
    assert (done.returncode == 0) is passes
