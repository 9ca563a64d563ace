"""The data folder as its owner's alone, and the token that lets nobody else use the sandbox."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path
from typing import Final

from workshop.sandbox.files import write_private
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.problem import SandboxProblem

_PRIVATE: Final = 0o700
_TOKEN_BYTES: Final = 30
"""Makes 40 characters, as many as the Cloudflare provider asks of an API token."""


def prepare_folder(paths: SandboxPaths) -> None:
    """Makes the data folder, or makes it private. Raises SandboxProblem where it is, or may become, another user's."""
    missing = [folder for folder in (paths.folder, *paths.folder.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(mode=_PRIVATE, exist_ok=True)
    for folder in _owned_folders(paths.folder):
        for found in (folder.lstat(), folder.stat()):  # of a link also what it leads to
            if found.st_uid != os.getuid() or not folder.is_dir():
                raise SandboxProblem(
                    f"{folder} belongs to user {found.st_uid}, who could read and change what the sandbox keeps there: "
                    "export WORKSHOP_SANDBOX_DIR=FOLDER, one of your own"
                )
    if stat.S_IMODE(paths.folder.stat().st_mode) != _PRIVATE:
        paths.folder.chmod(_PRIVATE)


def token_of(paths: SandboxPaths) -> str:
    """What every request to the sandbox's server has to show; made when it is first asked for."""
    try:
        return paths.token_file.read_text(encoding="utf-8")
    except FileNotFoundError:
        write_private(paths.token_file, secrets.token_urlsafe(_TOKEN_BYTES))
        return paths.token_file.read_text(encoding="utf-8")


def _owned_folders(folder: Path) -> list[Path]:
    """The data folder and, in a shared temporary folder, those that lead to it: who owns one can replace the rest."""
    for count, parent in enumerate(folder.parents):
        if parent.lstat().st_mode & stat.S_ISVTX:
            return [folder, *folder.parents[:count]]
    return [folder]
