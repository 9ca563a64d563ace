"""A small git repository with the stacks and zone files, to commit changes in."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.model.given import ROOT


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout


def begin(folder: Path) -> None:
    """One commit of what is there, and of the zone files."""
    (folder / "zones").mkdir()
    for file in (ROOT / "zones").iterdir():
        (folder / "zones" / file.name).write_bytes(file.read_bytes())
    git(folder, "init", "-q", "-b", "main")
    commit(folder)


def commit(folder: Path) -> None:
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", "x")


def edit(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def write(folder: Path, file: str, text: str | bytes) -> None:
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
