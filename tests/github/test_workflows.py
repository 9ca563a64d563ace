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
    workflow = read(FOLDER / "workflows" / "comment.yaml")
    assert list(workflow["on"]) == ["pull_request_target"]  # whatever a pull request changes, this runs
    (job,) = workflow["jobs"].values()
    (checkout,) = [step for step in job["steps"] if "checkout" in step.get("uses", "")]
    assert checkout["with"]["ref"] == "${{ github.event.repository.default_branch }}"
    assert not any("git checkout" in step.get("run", "") or "artifact" in step.get("uses", "") for step in job["steps"])


def test_what_reaches_real_systems_stands_behind_an_environment() -> None:
    for name in ("preview", "apply", "preflight", "images"):
        jobs = read(FOLDER / "workflows" / f"{name}.yaml")["jobs"].values()
        with_token = [job for job in jobs if job.get("permissions", {}).get("id-token") == "write"]
        assert with_token
        assert all("environment" in job for job in with_token)


def test_preflights_record_is_made_on_main_in_an_environment_of_its_own() -> None:
    (job,) = read(FOLDER / "workflows" / "preflight.yaml")["jobs"].values()
    assert job["environment"] == "preflight"
    assert "github.ref == 'refs/heads/main'" in job["if"]


def test_what_only_looks_has_a_token_that_only_reads() -> None:
    for name in ("preview", "preflight"):
        text = (FOLDER / "workflows" / f"{name}.yaml").read_text("utf-8")
        assert re.findall(r"vars\.CLOUDFLARE\w*", text) == ["vars.CLOUDFLARE_READ_SECRET"] * text.count(
            "vars.CLOUDFLARE"
        )
        assert "vars.CLOUDFLARE_READ_SECRET" in text


def test_every_secret_that_is_read_is_masked() -> None:
    for step in read(FOLDER / "actions" / "stack" / "action.yaml")["runs"]["steps"]:
        script = step.get("run", "")
        assert script.count("get-secret-value") == script.count("::add-mask::")


def test_the_base_branchs_pack_judges_first() -> None:
    steps = read(FOLDER / "workflows" / "preview.yaml")["jobs"]["preview"]["steps"]
    packs = [step["with"]["policy-pack"] for step in steps if step.get("uses") == "./.github/actions/stack"]
    assert packs == [".base/policies", "policies"]
    assert steps[1]["with"]["ref"] == "${{ github.event.pull_request.base.sha }}"


def test_what_guards_the_rest_has_owners() -> None:
    owned = [line.split() for line in (FOLDER / "CODEOWNERS").read_text("utf-8").splitlines() if line[:1] == "/"]
    assert {"/.github/", "/policies/", "/zones/", "/Pulumi*.yaml"} <= {path for path, *owners in owned if owners}


def commands(folder: Path, **scripts: str) -> str:
    """A PATH on which these commands do what the scripts say."""
    folder.mkdir(exist_ok=True)
    for name, script in scripts.items():
        (folder / name).write_text(f"#!/usr/bin/env bash\n{script}\n", "utf-8")
        (folder / name).chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


@pytest.mark.parametrize(
    ("ends", "comment"),
    [
        ("echo fine", "fine\n"),
        ("echo refused; exit 1", "refused\n"),
        ("echo 'Could not run: no'; exit 2", "No verdict for abc: "),
        ("exit 124", "No verdict for abc: "),
        ("kill -9 $$", "No verdict for abc: "),
        ("exit 1", "No verdict for abc: "),  # as Python does after a traceback
    ],
)
def test_without_a_verdict_the_comment_says_so(tmp_path: Path, ends: str, comment: str) -> None:
    (job,) = read(FOLDER / "workflows" / "comment.yaml")["jobs"].values()
    steps = {step.get("id", step.get("name", "")): step for step in job["steps"]}
    commands(tmp_path / "scripts", workshop=ends)
    environment = {
        "PATH": commands(tmp_path / "bin", git=":", gh='cat "${@: -1}" >posted', timeout='shift 2; "$@"'),
        "NUMBER": "7",
        "BASE": "base",
        "HEAD": "abc",
        "GITHUB_REPOSITORY": "a/b",
    }
    for name in ("diff", "Post it"):
        script = ["bash", "-e", "-o", "pipefail", "-c", steps[name]["run"]]
        subprocess.run(script, cwd=tmp_path, env=environment, check=True, capture_output=True)
    assert (tmp_path / "posted").read_text("utf-8").startswith(comment)
    assert steps["Post it"]["if"] == "always()"
    assert steps["Take back what was said of an earlier commit"] is job["steps"][0]


def test_a_comment_that_github_does_not_take_is_replaced(tmp_path: Path) -> None:
    (job,) = read(FOLDER / "workflows" / "comment.yaml")["jobs"].values()
    (post,) = (step["run"] for step in job["steps"] if step.get("name") == "Post it")
    (tmp_path / "comment.md").write_text("too long", "utf-8")
    gh = '[ "${@: -1}" != comment.md ] || exit 1; cat "${@: -1}" >posted'
    environment = {
        "PATH": commands(tmp_path / "bin", gh=gh),
        "NUMBER": "7",
        "HEAD": "abc",
        "GITHUB_REPOSITORY": "a/b",
    }
    script = ["bash", "-e", "-o", "pipefail", "-c", post]
    subprocess.run(script, cwd=tmp_path, env=environment, check=True, capture_output=True)
    assert (tmp_path / "posted").read_text("utf-8") == "No verdict for abc: see this workflow's run.\n"


def test_the_comment_compares_what_the_pull_request_itself_changes(tmp_path: Path) -> None:
    (job,) = read(FOLDER / "workflows" / "comment.yaml")["jobs"].values()
    (script,) = (step["run"] for step in job["steps"] if step.get("id") == "diff")
    commands(tmp_path / "scripts", workshop='echo "$@"')
    git = 'if [ "$1" = merge-base ]; then echo "of-$2-$3"; fi'
    environment = {
        "PATH": commands(tmp_path / "bin", git=git, timeout='shift 2; "$@"'),
        "NUMBER": "7",
        "BASE": "base",
        "HEAD": "abc",
    }
    subprocess.run(["bash", "-e", "-c", script], cwd=tmp_path, env=environment, check=True)
    assert (tmp_path / "comment.md").read_text("utf-8") == "diff --most 60000 of-base-abc..abc\n"
    assert "edited" in read(FOLDER / "workflows" / "comment.yaml")["on"]["pull_request_target"]["types"]


def test_what_foreign_text_says_is_no_command_to_the_runner() -> None:
    steps = read(FOLDER / "actions" / "stack" / "action.yaml")["runs"]["steps"]
    (script,) = (step["run"] for step in steps if "workshop preflight" in step.get("run", ""))
    stop, run, resume = (
        script.index(one) for one in ("::stop-commands::$resume", "workshop preflight", '"::$resume::"')
    )
    assert stop < run < resume
    summaries = [
        step for step in read(FOLDER / "workflows" / "pull-request.yaml")["jobs"]["diff"]["steps"] if "run" in step
    ]
    assert all("tee" not in step["run"] for step in summaries)


@pytest.mark.parametrize(
    ("before", "after", "stacks"),
    [
        ("zones/a.yaml", "zones/b.yaml", ["dns"]),
        ("zones/a.yaml", "docs/a.yaml", ["dns"]),
        ("docs/a.yaml", "Pulumi.dns.yaml", ["dns"]),
        ("Pulumi.workshop.yaml", "Pulumi.old.yaml", ["workshop"]),
        ("docs/a.yaml", "docs/zones/a.yaml", []),
    ],
)
def test_a_renamed_file_counts_where_it_was_and_where_it_is(
    tmp_path: Path, before: str, after: str, stacks: list[str]
) -> None:
    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *identity, *arguments], cwd=tmp_path, check=True, capture_output=True)

    git("init", "-q")
    for name in (before, after):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / before).write_text("the same\n" * 9, "utf-8")
    git("add", "-A")
    git("commit", "-q", "-m", "before")
    git("mv", before, after)
    git("commit", "-q", "-m", "after")
    output = tmp_path / "output"
    script = read(FOLDER / "workflows" / "apply.yaml")["jobs"]["scope"]["steps"][-1]["run"]
    environment = {
        "PATH": commands(tmp_path / "bin", jq='shift 3; IFS=,; echo "$*"'),
        "BEFORE": "HEAD~1",
        "GITHUB_OUTPUT": str(output),
    }
    subprocess.run(["bash", "-e", "-o", "pipefail", "-c", script], cwd=tmp_path, env=environment, check=True)
    assert output.read_text("utf-8") == f"stacks={','.join(stacks)}\n"


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
