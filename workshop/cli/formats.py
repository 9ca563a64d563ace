"""Reports as files: which formats are asked for, and writing them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from workshop.cli.screen import Screen
from workshop.sandbox.files import write_whole

Report = TypeVar("Report")

Folder = Annotated[Path, typer.Option("--to", metavar="DIR", help="Where to write them.")]


def formats_of(text: str, known: Iterable[str]) -> list[str]:
    """What a comma-separated --format names. Raises typer.BadParameter for a format that doesn't exist."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    if unknown := sorted({*names} - {*known}):
        raise typer.BadParameter(f"{', '.join(unknown)}: must be of {', '.join(known)}", param_hint="--format")
    return names


def write_report(
    report: Report,
    names: Iterable[str],
    formats: Mapping[str, tuple[str, Callable[[Report], str]]],
    folder: Path,
    screen: Screen,
) -> None:
    """Writes the report in each of these formats, and says where."""
    for name in names:
        file, writer = formats[name]
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / file, writer(report))
        screen.notes.print(f"Wrote {folder / file}", soft_wrap=True)
