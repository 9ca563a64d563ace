"""Commits as git has them: which files they hold, and what is in those that are read. Nothing is checked out."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from workshop.cli.problem import CannotRun
from workshop.observe.project import project_folder

MOST_BYTES: Final = 512 * 1024
"""Of one file; a thousand records take a fifth of it."""

MOST_BYTES_IN_ALL: Final = 8 * 1024 * 1024
"""Of all files that are read of one commit."""

_SECONDS: Final = 60.0
_FILE_MODES: Final = ("100644", "100755")


class UnreadableFile(Exception):
    """A file that is there and is not read; the message says which and why."""


@dataclass(frozen=True, kw_only=True)
class File:
    """What a commit holds under a name. mode: as in git, which tells links from files; object: its hash."""

    mode: str
    object: str
    size: int


@dataclass(kw_only=True)
class Commit:
    """One commit. files: by path from the project's folder; those outside it by path from the root, after `/`."""

    hash: str
    files: Mapping[str, File]
    _read: int = field(default=0, init=False)
    _texts: dict[str, str] = field(default_factory=dict[str, str], init=False)

    def text(self, path: str) -> str | None:
        """What the file says, None where it isn't there. Raises UnreadableFile, and CannotRun where all is too much."""
        file = self.files.get(path)
        if file is None:
            return None
        if path not in self._texts:
            self._texts[path] = self._text(path, file)
        return self._texts[path]

    def _text(self, path: str, file: File) -> str:
        if file.mode not in _FILE_MODES:
            raise UnreadableFile(f"{path} is a link or a submodule, which is not followed; make it a file")
        if file.size > MOST_BYTES:
            raise UnreadableFile(
                f"{path} has {file.size} bytes, of which no more than {MOST_BYTES} are read; shorten it"
            )
        self._read += file.size
        if self._read > MOST_BYTES_IN_ALL:
            raise CannotRun(
                f"the files of settings and zones in {self.hash[:10]} have more than {MOST_BYTES_IN_ALL} bytes; "
                "compare fewer stacks: workshop diff --stack NAME BASE..HEAD"
            )
        try:
            return _git("cat-file", "blob", file.object).decode("utf-8")
        except UnicodeDecodeError:
            raise UnreadableFile(f"{path} is not text in UTF-8; save it as UTF-8") from None


def read_commit(name: str) -> Commit:
    """The commit that git knows by this name. Raises CannotRun."""
    done = _run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    if done.returncode:
        raise CannotRun(f"git finds no commit {name} in {project_folder()}; to get what the remote has: git fetch")
    hash_ = done.stdout.decode().strip()
    prefix = _git("rev-parse", "--show-prefix").decode(errors="backslashreplace").strip()
    files: dict[str, File] = {}
    for line in filter(None, _git("ls-tree", "-r", "-z", "-l", "--full-tree", hash_).split(b"\0")):
        facts, _, path = line.decode(errors="backslashreplace").partition("\t")
        mode, _, object_, size = facts.split()
        name_here = path.removeprefix(prefix) if path.startswith(prefix) else f"/{path}"
        files[name_here] = File(mode=mode, object=object_, size=int(size) if size.isdigit() else 0)
    return Commit(hash=hash_, files=files)


def changed_files(before: Commit, after: Commit) -> dict[str, str]:
    """What happened to each file that is not the same in both, by path; one that is renamed is removed and added."""
    changed: dict[str, str] = {}
    for path in sorted(before.files.keys() | after.files.keys()):
        old, new = before.files.get(path), after.files.get(path)
        if old is None or new is None:
            changed[path] = "removed" if new is None else "added"
        elif old.object != new.object:
            changed[path] = "changed"
        elif old.mode != new.mode:
            changed[path] = "mode changed"
    return changed


def _git(*arguments: str) -> bytes:
    """Raises CannotRun."""
    done = _run(*arguments)
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise CannotRun(f"git {arguments[0]} failed in {project_folder()}: {said}")
    return done.stdout


def _run(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            ["git", *arguments], cwd=project_folder(), capture_output=True, check=False, timeout=_SECONDS
        )
    except FileNotFoundError:
        raise CannotRun("git is not on PATH; it holds the versions to compare.") from None
    except subprocess.TimeoutExpired:
        raise CannotRun(f"git {arguments[0]} took more than {_SECONDS:g} s; look at the repository's size.") from None
