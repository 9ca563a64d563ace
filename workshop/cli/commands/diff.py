"""`workshop diff BASE..HEAD`: what a change means, as Markdown for reviewers. Needs git and no credentials."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Final

import typer

from workshop.cli.commits import Commit, UnreadableFile, changed_files, read_commit
from workshop.cli.differences import Comparison, compare
from workshop.cli.problem import CannotRun
from workshop.cli.render.diff import Shared, document
from workshop.cli.render.markdown import bounded
from workshop.cli.render.rehearsal_markdown import rehearsal_blocks
from workshop.cli.reports import Exit
from workshop.cli.session import reporting_problems
from workshop.model.comparison import Version, is_settings, read_version
from workshop.model.settings.file.leaves import WHOLE, changed_leaves, leaves
from workshop.model.zones.read import FOLDER, LOCK, lock_lines

Range = Annotated[str, typer.Argument(metavar="BASE..HEAD", help="Two commits, as git names them.")]
Most = Annotated[
    int | None, typer.Option("--most", metavar="BYTES", min=2000, help="Leave details out where it would be longer.")
]
Rehearsed = Annotated[
    Path | None, typer.Option("--rehearsal", metavar="FILE", help="Also show what `rehearse --json` wrote to it.")
]
Stacks = Annotated[list[str] | None, typer.Option("--stack", metavar="NAME", help="Stacks to compare; unset: all.")]

USERS: Final = 20
"""For stacks whose file names no users: the run that the project was made for."""

MOST_STACKS: Final = 20
"""Compared at once; each takes seconds."""

_STACK_FILE: Final = re.compile(r"Pulumi\.([\w.-]{1,100})\.yaml")


def diff(commits: Range, stack: Stacks = None, most: Most = None, rehearsal: Rehearsed = None) -> None:
    """Prints, as Markdown, what changes between two commits: settings, plan, records, resources, cost, violations.

    Files that it can't judge, such as policies and workflows, are named first.

    \b
    Examples:
      workshop diff main..HEAD
      workshop diff --stack sandbox-dns --most 60000 main..HEAD
      workshop diff --stack workshop --rehearsal rehearsal.json main..HEAD
    """
    with reporting_problems() as screen:
        base, separator, head = commits.partition("..")
        if not separator or not base or head.startswith("."):
            raise CannotRun(f"{commits} is no pair of commits: workshop diff main..HEAD")
        before, after = read_commit(base), read_commit(head or "HEAD")
        changed = changed_files(before, after)
        names = _stacks(before, after, stack) if changed else []
        compared = [_compared(name, before, after) for name in names[:MOST_STACKS]]
        blocks = document(
            before.hash, after.hash, changed, compared, _shared(before, after, changed), names[MOST_STACKS:]
        )
        if rehearsal is not None:
            blocks += rehearsal_blocks(rehearsal.read_text(encoding="utf-8"), rehearsal.name)
        screen.results.print(bounded(blocks, most), end="", soft_wrap=True)
        raise typer.Exit(Exit.REFUSED if any(one.is_refused for one in compared) else Exit.DONE)


def _stacks(before: Commit, after: Commit, chosen: list[str] | None) -> list[str]:
    """Those that the base has come first, so that new ones push none of them out. Raises CannotRun."""
    old, new = (
        sorted(match[1] for path in commit.files if (match := _STACK_FILE.fullmatch(path)))
        for commit in (before, after)
    )
    known = list(dict.fromkeys((*old, *new)))
    if unknown := [name for name in chosen or () if name not in known]:
        raise CannotRun(f"Neither commit has a stack {', '.join(unknown)}; there are {', '.join(known)}.")
    return [name for name in known if chosen is None or name in chosen]


def _compared(stack: str, before: Commit, after: Commit) -> Comparison:
    return compare(stack, _version(before, stack), _version(after, stack))


def _version(commit: Commit, stack: str) -> Version:
    file = f"Pulumi.{stack}.yaml"
    try:
        zones = {path: commit.text(path) or "" for path in commit.files if _is_zone_file(path)}
        return read_version(commit.text(file), commit.text("Pulumi.yaml") or "", zones, users=str(USERS), file=file)
    except UnreadableFile as error:
        return Version(is_there=file in commit.files, problems=(str(error),))


def _is_zone_file(path: str) -> bool:
    return path.startswith(f"{FOLDER}/") and is_settings(path)


def _shared(before: Commit, after: Commit, changed: dict[str, str]) -> list[Shared]:
    """What differs in the files that all stacks share, and in which files of settings nothing but the writing does."""
    return [
        Shared(path=path, rows=tuple(changed_leaves(_values(before, path), _values(after, path))))
        for path in changed
        if is_settings(path)
    ]


def _values(commit: Commit, path: str) -> dict[str, str]:
    try:
        text = commit.text(path)
    except UnreadableFile as error:
        return {WHOLE: str(error)}
    return lock_lines(text or "") if path == LOCK else leaves(text)
