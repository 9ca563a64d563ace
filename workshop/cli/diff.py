"""`workshop diff BASE..HEAD`: what a change means, as Markdown for reviewers. Needs git and no credentials."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from workshop.model.comparison import Version

Range = Annotated[str, typer.Argument(metavar="BASE..HEAD", help="Two commits, as git names them.")]
Stacks = Annotated[list[str] | None, typer.Option("--stack", metavar="NAME", help="Stacks to compare; unset: all.")]

USERS: Final = 20
"""For stacks whose file names no users: the run that the project was made for."""

_NOT_LOOKED_UP: Final = (
    "Not looked up: no system was asked, so nothing here says what is there now. Whether clusters, registries and "
    "records are as assumed, and what `up` would do to them, the preview on a trusted branch says."
)


def diff(commits: Range, stack: Stacks = None) -> None:
    """Prints, as Markdown, what changes between two commits: settings, plan, records, cost, and what is violated."""
    from workshop.cli.answer import Exit, conversation
    from workshop.cli.problem import CannotRun
    from workshop.model.comparison import violations

    with conversation() as screen:
        base, separator, head = commits.partition("..")
        if not separator or not base or head.startswith("."):
            raise CannotRun(f"{commits} is no pair of commits: workshop diff main..HEAD")
        before, after = _commit(base), _commit(head or "HEAD")
        names = stack or sorted({*_stacks(before), *_stacks(after)})
        is_refused = False
        lines = [f"## Workshop: `{before[:10]}` to `{after[:10]}`", "", _NOT_LOOKED_UP, ""]
        for name in names:
            old, new = _version(before, name), _version(after, name)
            found = violations(old, new)
            is_refused |= bool(found) or bool(new.problems and not old.problems)
            lines += _section(name, old, new, [f"[{one.rule}] {one}" for one in found])
        screen.results.print("\n".join(lines), soft_wrap=True)
        raise typer.Exit(Exit.REFUSED if is_refused else Exit.DONE)


def _section(name: str, before: Version, after: Version, found: list[str]) -> list[str]:
    from workshop.model.comparison import changed_settings, figures, records

    settings = list(changed_settings(before, after))
    plan = _compared(figures(before), figures(after)) if after.plan else []
    names = _compared(records(before), records(after)) if after.plan else []
    lines = [f"### Stack {_safe(name)}", ""]
    if not (settings or plan or names or found or after.problems):
        return [*lines, "Nothing changes.", ""]
    problems = [*after.problems, *found]
    lines += (
        [f"**Refused**: {len(problems)} reasons.", ""] if problems else ["Passes the rules of settings and zones.", ""]
    )
    lines += [f"{number}. {_safe(problem)}" for number, problem in enumerate(problems, 1)]
    for title, rows in (("Plan and cost", plan), ("Records", names), ("Settings", settings)):
        if rows:
            lines += ["", f"#### {title}", "", "| what | before | after |", "|---|---|---|"]
            lines += [f"| {_safe(what)} | {_safe(old) or '-'} | {_safe(new) or '-'} |" for what, old, new in rows]
    lines += ["", *_checksums(before, after)]
    return lines


def _checksums(before: Version, after: Version) -> list[str]:
    """What was reviewed, for who applies it to compare."""
    if after.plan is None:
        return []
    old = {file.path: file.checksum for file in before.plan.dns.files} if before.plan else {}
    changed = [file for file in after.plan.dns.files if old.get(file.path) != file.checksum]
    return [f"Checksum of {file.path}: `{file.checksum}`" for file in changed] + ([""] if changed else [])


def _compared(before: dict[str, str], after: dict[str, str]) -> list[tuple[str, str, str]]:
    names = dict.fromkeys([*before, *after])
    return [(name, before.get(name, ""), after.get(name, "")) for name in names if before.get(name) != after.get(name)]


def _safe(text: str) -> str:
    """Text that stays text: no Markdown, no HTML, no mention, on one line."""
    printable = "".join(letter if letter.isprintable() else f"\\u{ord(letter):04x}" for letter in text)
    escaped = re.sub(r"([\\`*_{}\[\]<>#|!~])", r"\\\1", printable)
    return escaped.replace("@", "&#64;").replace("://", ":&#47;/")


def _version(commit: str, stack: str) -> Version:
    from workshop.model.comparison import read_version
    from workshop.model.zones_read import FOLDER, LOCK

    paths = _git("ls-tree", "-r", "--name-only", commit, "--", f"{FOLDER}/").splitlines()
    zones = {path: _show(commit, path) or "" for path in paths if path.endswith(".yaml") or path == LOCK}
    project = _show(commit, "Pulumi.yaml") or ""
    return read_version(_show(commit, f"Pulumi.{stack}.yaml"), project, zones, users=str(USERS))


def _stacks(commit: str) -> list[str]:
    files = _git("ls-tree", "--name-only", commit).splitlines()
    return [match[1] for file in files if (match := re.fullmatch(r"Pulumi\.([\w.-]+)\.yaml", file))]


def _commit(name: str) -> str:
    return _git("rev-parse", "--verify", "--end-of-options", f"{name}^{{commit}}").strip()


def _show(commit: str, path: str) -> str | None:
    done = _run("show", f"{commit}:{path}")
    return done.stdout if done.returncode == 0 else None


def _git(*arguments: str) -> str:
    """Raises CannotRun."""
    from workshop.cli.problem import CannotRun

    done = _run(*arguments)
    if done.returncode:
        raise CannotRun(f"git {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    from workshop.cli.problem import CannotRun
    from workshop.cli.stack import CHECKOUT

    try:
        return subprocess.run(
            ["git", *arguments], cwd=CHECKOUT, capture_output=True, text=True, errors="replace", check=False
        )
    except FileNotFoundError:
        raise CannotRun("git is not on PATH; it holds the versions to compare.") from None
