"""A report in the terminal."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console

from workshop.cli.render.message import print_command, print_message
from workshop.cli.render.report.section import Section
from workshop.cli.render.tables import plain_table
from workshop.model.legible import legible


def print_sections(title: str, sections: Iterable[Section], screen: Console) -> None:
    """Titles, sentences and tables; pictures are for files."""
    print_message(screen, title)
    for one in sections:
        screen.print()
        print_message(screen, one.title.upper())
        for line in one.text:
            print_message(screen, line)
        if one.table is not None:
            table = plain_table(*one.table.columns)
            for row in one.table.rows:
                table.add_row(*(legible(cell) for cell in row))
            screen.print(table)
        for point in one.points:
            print_message(screen, f"- {point}", indent=2)
        for command in one.commands:
            print_command(screen, command)
        if one.note:
            print_message(screen, one.note)
