"""The command as a process: options that every command has, and how it ends whatever becomes of its surroundings."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.model.given import ROOT
from workshop import __version__
from workshop.cli.problem import INTERRUPTED

ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("WORKSHOP_")},
    "PYTHONPATH": str(ROOT),
    "COLUMNS": "80",
}
COMMAND = [sys.executable, "-P", "-m", "workshop"]


def workshop(
    *arguments: str, folder: Path, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs the command in a folder; its data is there too."""
    own = {**ENVIRONMENT, "WORKSHOP_SANDBOX_DIR": str(folder / "data"), **(environment or {})}
    return subprocess.run([*COMMAND, *arguments], cwd=folder, env=own, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_both_spellings_of_help(run: Run, option: str) -> None:
    assert "Examples:\n    scripts/workshop up --users 20" in run(option).stdout
    assert "Examples:\n    scripts/workshop up --users 20" in run("up", option).stdout


def test_the_version(run: Run) -> None:
    assert run("--version").stdout == f"workshop {__version__}\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_can_be_shown_for_the_shell_that_one_is_in(
    run: Run, monkeypatch: pytest.MonkeyPatch, shell: str
) -> None:
    monkeypatch.setattr("shellingham.detect_shell", lambda: (shell, f"/bin/{shell}"))
    shown = run("--show-completion").stdout
    assert f"_WORKSHOP_COMPLETE=complete_{shell}" in shown


def test_completion_knows_commands_and_options(tmp_path: Path) -> None:
    def completed(words: str) -> list[str]:
        environment = {"_WORKSHOP_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
        return workshop(folder=tmp_path, environment=environment).stdout.split()

    assert completed("workshop p") == ["plan", "preview", "preflight"]
    assert completed("workshop up --us") == ["--users"]
    assert completed("workshop sandbox clusters s") == ["start", "stop", "status"]


@pytest.mark.parametrize(
    "arguments", [("up", "--users", "x", "--json"), ("plan", "--nonsense", "--json"), ("nope", "--json")]
)
def test_wrong_options_are_json_where_json_is_asked_for(run: Run, arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    document = json.loads(result.stdout)
    assert (result.exit_code, document["exit_code"]) == (2, 2)
    assert document["error"]
    assert "Error" in result.stderr


def test_a_typing_error_is_met_with_what_there_is(run: Run) -> None:
    assert "Did you mean 'preflight'?" in run("prefligt").stderr


def test_who_stops_reading_does_not_stop_the_command(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    own = {**ENVIRONMENT, "WORKSHOP_SANDBOX_DIR": str(tmp_path)}
    done = subprocess.run(
        [*COMMAND, "plan", "--users", "20"],
        cwd=ROOT,
        env=own,
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("milliseconds", [60, 150, 300, 600])
def test_ctrl_c_ends_with_a_message_however_early(tmp_path: Path, milliseconds: int) -> None:
    """As scripts/workshop starts it: ignored until Python is ready, and what came before is lost."""
    own = {**ENVIRONMENT, "WORKSHOP_SANDBOX_DIR": str(tmp_path)}
    process = subprocess.Popen(
        [*COMMAND, "plan", "--users", "20"],
        cwd=ROOT,
        env=own,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
    )
    time.sleep(milliseconds / 1000)
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate(timeout=60)
    assert "Traceback" not in out + errors
    assert process.returncode in (0, 2)


def test_ctrl_c_outside_of_what_typer_catches_ends_with_a_message(tmp_path: Path) -> None:
    program = (
        "import os, signal, workshop.cli.main as command\n"
        "command.app = lambda **_: os.kill(os.getpid(), signal.SIGINT)\n"
        "command.main()"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", program],
        cwd=tmp_path,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (2, f"Could not run: {INTERRUPTED}\n")


class TestProject:
    """The folder in which the project is."""

    @pytest.fixture
    def project(self, tmp_path: Path) -> Path:
        folder = tmp_path / "a project"
        (folder / "below" / "it").mkdir(parents=True)
        for file in ROOT.glob("Pulumi*.yaml"):
            shutil.copy(file, folder)
        (folder / "Pulumi.sandbox-other.yaml").write_bytes((ROOT / "Pulumi.sandbox.yaml").read_bytes())
        return folder

    def test_it_is_found_from_below(self, project: Path) -> None:
        done = workshop("plan", "--users", "20", "--stack", "sandbox-other", folder=project / "below" / "it")
        assert done.returncode == 0, done.stdout

    @pytest.mark.parametrize("option", ["--project", "-C"])
    def test_it_can_be_named(self, project: Path, tmp_path: Path, option: str) -> None:
        done = workshop(option, "a project", "plan", "--users", "20", "--stack", "sandbox-other", folder=tmp_path)
        assert done.returncode == 0, done.stdout

    def test_one_that_is_none_is_named(self, tmp_path: Path) -> None:
        done = workshop("--project", str(tmp_path), "plan", "--users", "20", folder=tmp_path)
        assert done.returncode == 2
        assert "has no Pulumi.yaml, so it is not the project's folder" in " ".join(done.stdout.split())

    def test_where_none_is_found_the_option_is_named(self, tmp_path: Path) -> None:
        """As pip installs it: packages without a checkout around them."""
        script = (
            "import workshop.observe.project as p; p._PACKAGES = p.Path('/')\nfrom workshop.__main__ import run; run()"
        )
        done = subprocess.run(
            [sys.executable, "-c", script, "plan"],
            cwd=tmp_path,
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 2
        assert "has a Pulumi.yaml; name the project's folder: --project DIR" in " ".join(done.stdout.split())
