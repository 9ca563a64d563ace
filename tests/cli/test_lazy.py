"""Commands are imported when they are asked for, and every one in a list can be."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping

import pytest
import typer
from typer.main import get_command

from tests.cli.conftest import Run
from workshop.cli.commands.dns import group as dns
from workshop.cli.commands.sandbox import group as sandbox
from workshop.cli.lazy import LazyCommand, LazyGroup
from workshop.cli.main import app

GROUPS: Mapping[tuple[str, ...], typer.Typer] = {
    (): app,
    ("dns",): dns.app,
    ("sandbox",): sandbox.app,
    ("sandbox", "clusters"): sandbox.clusters_app,
}


def commands() -> Iterator[tuple[str, ...]]:
    """Every command that is no group."""
    for path, group in GROUPS.items():
        made = get_command(group)
        assert isinstance(made, LazyGroup)
        yield from ((*path, name) for name in made.commands if (*path, name) not in GROUPS)


@pytest.mark.parametrize("path", GROUPS)
def test_a_list_of_commands_imports_none_of_them(path: tuple[str, ...]) -> None:
    script = f"""
import sys
from typer.testing import CliRunner
from workshop.cli.main import app
done = CliRunner().invoke(app, {[*path, "--help"]})
assert done.exit_code == 0, done.output
print(sorted(name for name in sys.modules if name.startswith("workshop.cli.commands.")))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    imported = set(eval(done.stdout))
    assert {name.rpartition(".")[2] for name in imported} <= {"dns", "sandbox", "group"}


@pytest.mark.parametrize("path", GROUPS)
def test_a_list_shows_every_summary_to_its_end(run: Run, path: tuple[str, ...]) -> None:
    group = get_command(GROUPS[path])
    assert isinstance(group, LazyGroup)
    shown = " ".join(run(*path, "--help").stdout.split())
    for name, command in group.commands.items():
        assert isinstance(command, LazyCommand)
        assert f" {name} {command.get_short_help_str()}" in shown


@pytest.mark.parametrize("path", list(commands()), ids=" ".join)
def test_every_command_can_be_imported_and_explains_itself(run: Run, path: tuple[str, ...]) -> None:
    done = run(*path, "--help")
    assert done.exit_code == 0
    assert done.stdout.startswith(f"Usage: workshop {' '.join(path)} [OPTIONS]")
