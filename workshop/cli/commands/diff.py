"""`workshop diff BASE..HEAD`: what a change means, as Markdown for reviewers. Needs git and no credentials."""

from __future__ import annotations

import re
import subprocess
from typing import Annotated, Final

import typer

from workshop.cli.differences import compare
from workshop.cli.problem import CannotRun
from workshop.cli.render.diff import sections
from workshop.cli.render.markdown import Block, bounded
from workshop.cli.reports import Exit
from workshop.cli.session import reporting_problems
from workshop.model.comparison import Version, read_version
from workshop.model.zones.read import FOLDER, LOCK
from workshop.observe.project import project_folder

Range = Annotated[str, typer.Argument(metavar="BASE..HEAD", help="Two commits, as git names them.")]
Most = Annotated[
    int | None, typer.Option("--most", metavar="BYTES", min=2000, help="Leave details out where it would be longer.")
]
Stacks = Annotated[list[str] | None, typer.Option("--stack", metavar="NAME", help="Stacks to compare; unset: all.")]

USERS: Final = 20
"""For stacks whose file names no users: the run that the project was made for."""

_NOT_LOOKED_UP: Final = (
    "Not looked up: no system was asked, so nothing here says what is there now. Resources are those of a first `up`, "
    "declared by this command's own version of the program; `(not set)` and account 000000000000 stand for settings "
    "without a value. Whether clusters, registries and records are as assumed, and what `up` would do to them, the "
    "preview on a trusted branch says.\n"
)


def diff(commits: Range, stack: Stacks = None, most: Most = None) -> None:
    """Prints, as Markdown, what changes between two commits: settings, plan, records, resources, cost, violations.

    \b
    Examples:
      workshop diff main..HEAD
      workshop diff --stack sandbox-dns --most 60000 main..HEAD
    """
    with reporting_problems() as screen:
        base, separator, head = commits.partition("..")
        if not separator or not base or head.startswith("."):
            raise CannotRun(f"{commits} is no pair of commits: workshop diff main..HEAD")
        before, after = _commit(base), _commit(head or "HEAD")
        names = stack or sorted({*_stacks(before), *_stacks(after)})
        compared = [compare(name, _version(before, name), _version(after, name)) for name in names]
        blocks = [Block(text=f"## Workshop: `{before[:10]}` to `{after[:10]}`\n\n{_NOT_LOOKED_UP}")]
        blocks += sections(compared)
        screen.results.print(bounded(blocks, most), end="", soft_wrap=True)
        raise typer.Exit(Exit.REFUSED if any(one.is_refused for one in compared) else Exit.DONE)


def _version(commit: str, stack: str) -> Version:
    paths = _git("ls-tree", "-r", "--name-only", commit, "--", f"{FOLDER}/").splitlines()
    zones = {path: _show(commit, path) or "" for path in paths if path.endswith(".yaml") or path == LOCK}
    project = _show(commit, "Pulumi.yaml") or ""
    file = f"Pulumi.{stack}.yaml"
    return read_version(_show(commit, file), project, zones, users=str(USERS), file=file)


def _stacks(commit: str) -> list[str]:
    files = _git("ls-tree", "--name-only", commit).splitlines()
    return [match[1] for file in files if (match := re.fullmatch(r"Pulumi\.([\w.-]+)\.yaml", file))]


def _commit(name: str) -> str:
    done = _run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    if done.returncode:
        raise CannotRun(f"git finds no commit {name} in {project_folder()}; to get what the remote has: git fetch")
    return done.stdout.strip()


def _show(commit: str, path: str) -> str | None:
    done = _run("show", f"{commit}:./{path}")
    return done.stdout if done.returncode == 0 else None


def _git(*arguments: str) -> str:
    """Raises CannotRun."""
    done = _run(*arguments)
    if done.returncode:
        raise CannotRun(f"git {arguments[0]} failed in {project_folder()}: {done.stderr.strip()}")
    return done.stdout


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            ["git", *arguments], cwd=project_folder(), capture_output=True, text=True, errors="replace", check=False
        )
    except FileNotFoundError:
        raise CannotRun("git is not on PATH; it holds the versions to compare.") from None
