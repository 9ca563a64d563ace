"""The checklist as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.console import Console

from workshop.cli.render.tables import plain_table
from workshop.model.preflight.checklist import Day, Line, lines_of


def print_checklist(lines: Sequence[Line], screen: Console) -> None:
    """How many items are in which state, then a row for each."""
    counted = Counter(line.state for line in lines)
    screen.print(", ".join(f"{count} {state}" for state, count in counted.items()) + ".")
    table = plain_table("when", "item", "", "what", "said by, or how")
    for day in Day:
        for line in lines_of(lines, day):
            source = line.told or line.item.command
            if line.state != "done" and line.told:
                source = f"{line.told}; {line.item.command}"
            table.add_row(day.value, line.item.id, line.state.value, line.item.what, source)
    screen.print(table)
