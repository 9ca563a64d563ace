"""The scripts' first run: what it needs, what it says, and that a broken install is done again."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from workshop.sandbox.paths import CHECKOUT

TOOLS = ("bash", "dirname", "id", "cksum", "cut", "rm", "cp", "touch", "cmp", "cat", "mkdir")

PIP_THAT_FAILS = 'case "$*" in *"pip install"*) exit 1;; esac\n'
PIP_THAT_WORKS = 'case "$*" in *"pip install"*) echo installed >&2; exit 0;; esac\n'


Run = Callable[..., subprocess.CompletedProcess[str]]


class Machine:
    """A checkout in a path with a blank, and a PATH with no more than the scripts may count on."""

    def __init__(self, folder: Path) -> None:
        self.checkout = folder / "a checkout"
        self.bin = folder / "bin"
        self.bin.mkdir()
        (self.checkout / "scripts").mkdir(parents=True)
        shutil.copy(CHECKOUT / "scripts" / "bootstrap", self.checkout / "scripts")
        for name in ("requirements.txt", "requirements-dev.txt"):
            (self.checkout / name).write_text(f"{name}==1\n")
        for tool in TOOLS:
            (self.bin / tool).symlink_to(shutil.which(tool) or tool)

    def python(self, script: str) -> None:
        """Puts a python3 on PATH that does this, and otherwise is the real one; environments get it as well."""
        program = self.bin / "python3"
        make = f'rm -rf "$4"; mkdir -p "$4/bin"; cp "{program}" "$4/bin/python"; exit 0'
        make = f'case "$*" in "-m venv --clear"*) {make};; esac\n'
        program.write_text(f'#!{shutil.which("bash")}\n{script}{make}exec "{sys.executable}" "$@"\n')
        program.chmod(0o755)

    def run(
        self, lock: str = "requirements.txt", script: str = "", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Sources the bootstrap as the scripts do, from another directory and without HOME."""
        return subprocess.run(
            [
                str(self.bin / "bash"),
                "-c",
                f'set -euo pipefail; source "$0" {lock}; echo "$python"{script}',
                str(self.checkout / "scripts" / "bootstrap"),
            ],
            env={"PATH": str(self.bin), **environment},
            cwd=self.bin,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_machine_without_python_is_told_what_to_install(machine: Machine) -> None:
    (machine.bin / "apt-get").symlink_to("/bin/true")
    done = machine.run()
    assert done.returncode == 2
    assert "Python 3.11 or newer is needed, found none." in done.stderr
    assert "sudo apt-get install python3.11 python3.11-venv" in done.stderr


def test_an_old_python_is_named(machine: Machine) -> None:
    machine.python('case "$*" in *version_info*) exit 1;; *platform*) echo 3.9.2; exit;; esac\n')
    done = machine.run()
    assert done.returncode == 2
    assert "Python 3.11 or newer is needed, found 3.9.2." in done.stderr


def test_a_python_without_venv_is_told_what_to_install(machine: Machine) -> None:
    (machine.bin / "apt-get").symlink_to("/bin/true")
    machine.python('case "$*" in *ensurepip*) exit 1;; esac\n')
    done = machine.run()
    assert done.returncode == 2
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    assert f"sudo apt-get install {version}-venv" in done.stderr


def test_it_installs_once_and_again_when_the_lock_changes(machine: Machine) -> None:
    machine.python(PIP_THAT_WORKS)
    first = machine.run()
    assert first.returncode == 0, first.stderr
    assert first.stdout.strip() == str(machine.checkout / ".venv" / "bin" / "python")
    assert "installing what requirements.txt pins" in first.stderr
    assert machine.run().stderr == ""
    (machine.checkout / "requirements.txt").write_text("other==2\n")
    assert "installed" in machine.run().stderr
    assert machine.run().stderr == ""


def test_the_environment_for_tests_serves_the_command_too(machine: Machine) -> None:
    machine.python(PIP_THAT_WORKS)
    assert "requirements-dev.txt" in machine.run("requirements-dev.txt").stderr
    assert machine.run("requirements.txt").stderr == ""


def test_a_place_that_can_not_be_written_is_named_with_what_to_do(machine: Machine) -> None:
    machine.python(PIP_THAT_WORKS)
    (machine.checkout / ".venv").write_text("a file where the folder should be\n")
    refused = machine.run()
    assert refused.returncode == 2
    assert f"{machine.checkout / '.venv'} can't be written" in refused.stderr
    assert "export WORKSHOP_VENV=DIR" in refused.stderr
    elsewhere = machine.run(WORKSHOP_VENV=str(machine.bin / "venv"))
    assert elsewhere.returncode == 0, elsewhere.stderr


def test_a_failed_install_is_told_and_done_again_from_scratch(machine: Machine) -> None:
    machine.python(PIP_THAT_FAILS)
    failed = machine.run()
    assert failed.returncode == 2
    assert "Run this again to go on" in failed.stderr
    half_installed = machine.checkout / ".venv" / "lib"
    half_installed.mkdir()
    machine.python(PIP_THAT_WORKS)
    assert machine.run().returncode == 0
    assert not half_installed.exists()
    assert machine.run().stderr == ""


def test_an_environment_that_is_there_is_kept(machine: Machine) -> None:
    machine.python(PIP_THAT_WORKS)
    environment = machine.checkout / ".venv"
    (environment / "bin").mkdir(parents=True)
    shutil.copy(machine.bin / "python3", environment / "bin" / "python")
    (environment / "mine").touch()
    assert machine.run().returncode == 0
    assert (environment / "mine").exists()


def test_the_environment_may_be_elsewhere(machine: Machine, tmp_path: Path) -> None:
    machine.python(PIP_THAT_WORKS)
    done = machine.run(WORKSHOP_VENV=str(tmp_path / "else where"))
    assert done.stdout.strip() == str(tmp_path / "else where" / "bin" / "python")
    assert not (machine.checkout / ".venv").exists()


class TestReadOnlyCheckout:
    """The environment goes into the user's cache. `[` is replaced, since whoever runs the tests may write anything."""

    @pytest.fixture
    def run(self, machine: Machine, tmp_path: Path) -> Run:
        machine.python(PIP_THAT_WORKS)
        closed = f"{machine.checkout} {tmp_path / 'closed'}"
        answer = f'case "$1 ${{2:-}}" in "-w "*) case "{closed}" in *"$2"*) return 1;; esac;; esac'
        bracket = f'[() {{ {answer}; builtin [ "$@"; }}'
        (tmp_path / "rc").write_text(bracket)

        def run(**environment: str) -> subprocess.CompletedProcess[str]:
            return machine.run(BASH_ENV=str(tmp_path / "rc"), TMPDIR=str(tmp_path), **environment)

        return run

    def test_home(self, run: Run, tmp_path: Path) -> None:
        done = run(HOME=str(tmp_path / "home"))
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith(f"{tmp_path}/home/.cache/workshop/venv-")

    def test_the_users_own_choice(self, run: Run, tmp_path: Path) -> None:
        done = run(HOME=str(tmp_path / "home"), XDG_CACHE_HOME=str(tmp_path / "cache"))
        assert done.stdout.startswith(f"{tmp_path}/cache/workshop/venv-")

    @pytest.mark.parametrize("home", [None, "closed"])
    def test_no_home_that_can_be_written(self, run: Run, tmp_path: Path, home: str | None) -> None:
        (tmp_path / "closed").touch()
        done = run(**({"HOME": str(tmp_path / home)} if home else {}))
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith(f"{tmp_path}/workshop-{os.getuid()}/workshop/venv-")
        assert (tmp_path / f"workshop-{os.getuid()}").stat().st_mode & 0o777 == 0o700


def test_byte_code_is_written_whatever_the_environment_says(machine: Machine) -> None:
    machine.python(PIP_THAT_WORKS)
    assert machine.run(PYTHONDONTWRITEBYTECODE="1", script='; echo "${PYTHONDONTWRITEBYTECODE-unset}"').stdout.endswith(
        "unset\n"
    )
