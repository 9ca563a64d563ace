"""A rehearsal on the platform: a stand-in for Coder's CLI makes real calls of the sandbox's Coder."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.end_to_end.sandbox import Ran, workshop
from tests.rehearsal.scale_test_program import PREFIX
from tests.sandbox.servers_for_tests import environment_of, sandbox_paths
from workshop.event.coder.client import Coder
from workshop.sandbox import lifecycle
from workshop.sandbox.data_folder import token_of
from workshop.sandbox.paths import CHECKOUT, SandboxPaths

PROGRAM = Path(__file__).parent / "scale_test_program.py"
pytestmark = pytest.mark.slow

CLEAN_UP = ("rehearse", "--real", "--clean-up")
REAL = ("rehearse", "--real", "--template", "docker", "--parameter", "region=us-east-2")


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> Generator[SandboxPaths]:
    paths = sandbox_paths(tmp_path_factory.mktemp("real"))
    with environment_of(paths):
        lifecycle.ensure_running(paths)
        try:
            assert workshop(paths, "up", "--users", "3").exit_code == 0
            yield paths
        finally:
            lifecycle.stop(paths)


@pytest.fixture(autouse=True)
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Coder's CLI is on PATH."""
    file = tmp_path / "bin" / "coder"
    file.parent.mkdir()
    file.write_text(f'#!/bin/sh\nexec {sys.executable} {PROGRAM} "$@"\n', encoding="utf-8")
    file.chmod(0o755)
    monkeypatch.setenv("PATH", f"{file.parent}{os.pathsep}{os.environ['PATH']}")
    return file


def left(paths: SandboxPaths) -> tuple[int, int]:
    """Workspaces and users of scale tests."""
    with Coder(f"{paths.aws_endpoint}/coder", token_of(paths)) as coder:
        workspaces = [one for one in coder.workspaces() if one.name.startswith(PREFIX)]
        return len(workspaces), len(coder.users(PREFIX))


def observed(ran: Ran) -> dict[str, tuple[str, str, bool | None]]:
    return {one["name"]: (one["predicted"], one["observed"], one["passed"]) for one in ran.document["figures"]}


def test_everybody_s_workspace_runs_is_connected_to_and_is_gone_again(paths: SandboxPaths) -> None:
    ran = workshop(paths, *REAL, "--yes")
    assert ran.exit_code == 0, ran.document
    figures = observed(ran)
    assert figures["workspaces running"] == ("3", "3", True)
    assert figures["connections held"] == ("3", "3", True)
    assert figures["start, mean"][2] is True
    assert left(paths) == (0, 0)
    assert not list(paths.folder.glob("scale-test-*"))


def test_one_that_fails_is_named(paths: SandboxPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCALE_TEST_FAULT", "lost")
    ran = workshop(paths, *REAL, "--yes")
    assert ran.exit_code == 1
    assert observed(ran)["workspaces running"] == ("3", "2", False)
    assert ran.document["notes"] == ["1 workspaces failed: create workspace: wait for agent: context deadline exceeded"]
    assert left(paths) == (0, 0)


@pytest.mark.parametrize("fault", ["killed", "stuck"])
def test_what_a_kill_or_a_refusal_leaves_is_known_and_deleted_later(
    paths: SandboxPaths, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fault: str
) -> None:
    monkeypatch.setenv("SCALE_TEST_FAULT", fault)
    monkeypatch.setenv("SCALE_TEST_END", str(tmp_path / "end"))
    first = command(paths, *REAL, "--yes")
    assert first.returncode != 0
    assert left(paths) == (3, 3)
    monkeypatch.delenv("SCALE_TEST_FAULT")
    if fault == "killed":  # Coder's CLI is not: what it goes on to make would be found by nobody
        assert "a scale test still runs" in workshop(paths, *CLEAN_UP).document["error"]
        assert left(paths) == (3, 3)
        (tmp_path / "end").touch()
        with (paths.folder / "scale-test-sandbox.json").open() as journal:
            fcntl.flock(journal, fcntl.LOCK_EX)
    again = workshop(paths, *REAL, "--yes")
    assert again.exit_code == 2
    assert "3 users did not clean up" in again.document["error"]
    assert "--clean-up --stack sandbox" in again.document["error"]
    assert left(paths) == (3, 3)
    assert command(paths, *CLEAN_UP).returncode == 0
    assert left(paths) == (0, 0)
    assert not list(paths.folder.glob("scale-test-*"))


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (
            ("--template", "nosuch"),
            'did not run: parse template: could not find template "nosuch" in any organization.',
        ),
        (("--template", "docker"), "it takes no defaults: give each parameter of the template with --parameter"),
    ],
)
def test_what_the_cli_refuses_is_said_and_leaves_nothing_to_clean_up(
    paths: SandboxPaths, arguments: tuple[str, str], why: str
) -> None:
    ran = workshop(paths, "rehearse", "--real", "--yes", *arguments)
    assert ran.exit_code == 2
    assert why in ran.document["error"]
    assert left(paths) == (0, 0)
    assert not list(paths.folder.glob("scale-test-*"))


@pytest.mark.parametrize(("users", "is_said"), [("60", False), ("61", True)])
def test_it_says_that_coder_takes_no_more_logins_a_minute(paths: SandboxPaths, users: str, is_said: bool) -> None:
    ran = command(paths, *REAL, "--users", users)
    assert ran.returncode == 2
    assert ("Coder takes 60 logins a minute" in " ".join((ran.stdout + ran.stderr).split())) is is_said


def test_nothing_is_done_without_a_yes_a_template_or_the_cli(paths: SandboxPaths, cli: Path) -> None:
    for arguments, why in (
        (REAL, "add --yes"),
        (("rehearse", "--real", "--yes"), "--template NAME"),
        (CLEAN_UP, "No scale test of stack sandbox was begun here"),
        ((*CLEAN_UP, "--stack", "workshop"), "No scale test of stack workshop was begun here"),
    ):
        ran = workshop(paths, *arguments)
        assert ran.exit_code == 2
        assert why in ran.document["error"]
    cli.unlink()
    ran = workshop(paths, *REAL, "--yes")
    assert ran.exit_code == 2
    assert "its CLI is not on PATH" in ran.document["error"]
    assert left(paths) == (0, 0)


def test_an_answer_that_nobody_knows_is_said_and_cleaned_up(paths: SandboxPaths, cli: Path) -> None:
    cli.write_text(
        f"""#!{sys.executable}
import sys
from pathlib import Path
if "--output" in sys.argv:
    Path(sys.argv[sys.argv.index("--output") + 1].removeprefix("json:")).write_text('{{"runs": [1]}}')
""",
        encoding="utf-8",
    )
    ran = workshop(paths, *REAL, "--yes")
    assert ran.exit_code == 2
    assert "wrote what this version can't read: runs" in ran.document["error"]
    assert not list(paths.folder.glob("scale-test-*"))


def command(paths: SandboxPaths, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "workshop", *arguments],
        env={
            **os.environ,
            "PYTHONPATH": str(CHECKOUT),
            "WORKSHOP_SANDBOX_DIR": str(paths.folder),
            "WORKSHOP_SANDBOX_PORT": str(paths.port),
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
