"""A report as Markdown, as GitHub reads it: nothing in it is taken for markup, and what others wrote is code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from workshop.cli.render.markdown import code
from workshop.cli.render.report.section import Code, Section, Table
from workshop.model.legible import one_line

_MARKUP: Final = re.compile(r"([\\`*_{}\[\]<>#|~$@&])")


def markdown(title: str, sections: Iterable[Section]) -> str:
    """All of it, without pictures."""
    parts = [f"# {plain(title)}", *(part for one in sections for part in _section(one))]
    return "\n\n".join(parts) + "\n"


def plain(text: str) -> str:
    """Our own words, with what of them Markdown would read."""
    return _MARKUP.sub(r"\\\1", text)


def markdown_table(found: Table) -> str:
    """A table."""
    rows = [[plain(column) for column in found.columns], ["---"] * len(found.columns)]
    rows += [[_cell(cell) for cell in row] for row in found.rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _section(one: Section) -> Iterator[str]:
    yield f"## {plain(one.title)}"
    if one.text:
        yield "\n".join(plain(line) for line in one.text)
    if one.table is not None:
        yield markdown_table(one.table)
    if one.points:
        yield "\n".join(f"- {plain(point)}" for point in one.points)
    if one.commands:
        yield "\n".join(f"    {one_line(command)}" for command in one.commands)
    if one.note:
        yield plain(one.note)


def _cell(cell: str) -> str:
    """A bar ends a cell even in a code span, unless it is escaped; after a backslash it is written out."""
    if not isinstance(cell, Code):
        return plain(cell)
    return code(cell.replace("\\|", "\\\\x7c")).replace("|", "\\|") if cell else ""
