"""The text of the zone files and their lock, for whoever may read files: the program, the pack and the commands."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from workshop.model.findings import Finding, Refused
from workshop.model.zones.read import FOLDER, LOCK, SCHEMA, not_understood

MAX_BYTES: Final = 800_000
"""What the longest YAML text that is read can take (200,000 characters of up to four bytes)."""


class _NotRead(Exception):
    """Why a file is not read, and how to fix that; line: where."""

    def __init__(self, problem: str, fix: str, line: int = 0) -> None:
        super().__init__(problem)
        self.fix = fix
        self.line = line


def zone_texts(project: Path) -> dict[str, str]:
    """By path from the project's folder; empty where there are none.

    Raises Refused for what is not a plain text file inside the folder, and for what would not be read at all: records
    in a file that nobody reads would be taken for deleted.
    """
    folder = project / FOLDER
    if not folder.exists() and not folder.is_symlink():
        return {}
    if folder.is_symlink() or not folder.is_dir():
        raise Refused(
            (not_understood(FOLDER, "it is not a plain folder", "make it a folder that holds the zone files"),)
        )
    texts: dict[str, str] = {}
    findings: list[Finding] = []
    names = sorted(file.name for file in folder.iterdir() if _is_meant(file.name))
    for name in sorted(names, key=lambda name: f"{FOLDER}/{name}" == LOCK):  # the lock last
        path = f"{FOLDER}/{name}"
        try:
            texts[path] = _text(folder / name, path)
        except _NotRead as error:
            findings.append(not_understood(f"{path}:{error.line}" if error.line else path, str(error), error.fix))
    if findings:
        raise Refused(tuple(findings))
    return texts


def _is_meant(name: str) -> bool:
    """Whether a file could be meant for a zone: all but the schema, notes, and what editors and systems hide here."""
    is_note = name.startswith(".") or name.endswith(".md")
    return f"{FOLDER}/{name}" != SCHEMA and (not is_note or name.lower().endswith((".yaml", ".yml")))


def _text(file: Path, path: str) -> str:
    """Raises _NotRead."""
    if path != LOCK and not path.endswith(".yaml"):
        fix = f"rename it to {FOLDER}/ZONE.yaml, or move it out of {FOLDER}/"
        raise _NotRead("it is not read: zone files end in .yaml", fix)
    try:
        opened = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        problem = "it is a symbolic link" if file.is_symlink() else f"it can't be opened: {error.strerror}"
        raise _NotRead(problem, "put a plain file in its place") from None
    if not stat.S_ISREG(os.fstat(opened).st_mode):
        os.close(opened)
        raise _NotRead("it is not a plain file", "put a plain file in its place")
    with os.fdopen(opened, "rb") as content:
        read = content.read(MAX_BYTES + 1)
    if len(read) > MAX_BYTES:
        raise _NotRead(f"it has more than {MAX_BYTES} bytes", "divide the zone, or remove what is no record")
    try:
        return read.decode("utf-8")
    except UnicodeDecodeError as error:
        line = len(read[: error.start].decode("utf-8").replace("\r\n", "\n").replace("\r", "\n").split("\n"))
        raise _NotRead("this line is not valid UTF-8", "save the file as UTF-8", line) from None
