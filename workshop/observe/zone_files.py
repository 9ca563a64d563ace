"""The text of the zone files and their lock, for whoever may read files: the program, the pack and the commands."""

from __future__ import annotations

from pathlib import Path

from workshop.model.findings import Finding, Refused
from workshop.model.zones.read import FOLDER, LOCK, NAME


def zone_texts(project: Path) -> dict[str, str]:
    """By path from the project's folder; empty where there are none. Raises Refused for what is not text."""
    texts: dict[str, str] = {}
    for file in [*sorted((project / FOLDER).glob("*.yaml")), project / LOCK]:
        if not file.is_file():
            continue
        path = file.relative_to(project).as_posix()
        try:
            texts[path] = file.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            line = file.read_bytes()[: error.start].count(b"\n") + 1
            raise Refused((_not_text(f"{path}:{line}"),)) from None
    return texts


def _not_text(place: str) -> Finding:
    return Finding(
        rule=NAME,
        resource=place,
        problem="this line is not valid UTF-8",
        why="a zone file is applied only where all of it is understood",
        fix="save the file as UTF-8",
    )
