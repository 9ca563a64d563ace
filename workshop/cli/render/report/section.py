"""What a part of a report is, whatever it is written to: titles, sentences, tables, pictures by name."""

from __future__ import annotations

from dataclasses import dataclass, replace

from workshop.model.legible import one_line


class Code(str):
    """A cell that others wrote: it stays as it is, and is never markup."""

    __slots__ = ()


@dataclass(frozen=True, kw_only=True)
class Table:
    """Cells are plain text; see Code."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, kw_only=True)
class Section:
    """picture: the name of one, or "". points: a list. commands: to be typed. note: what is said below the table."""

    title: str
    text: tuple[str, ...] = ()
    picture: str = ""
    table: Table | None = None
    points: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    note: str = ""


def legible_section(one: Section) -> Section:
    """The same; what nobody could see in what others wrote is written out."""
    table = one.table
    if table is None:
        return one
    rows = tuple(tuple(one_line(cell) if isinstance(cell, Code) else cell for cell in row) for row in table.rows)
    return replace(one, table=replace(table, rows=rows))
