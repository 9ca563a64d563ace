"""The checklist as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from rich.console import Console

from workshop.cli.render.message import print_message
from workshop.cli.render.tables import plain_table
from workshop.cli.render.times import with_offset
from workshop.cli.shell import fit
from workshop.model.preflight.checklist import Line, State, due_at, lines_of
from workshop.model.preflight.runbook import Day
from workshop.model.settings.window import Window
from workshop.model.window.phases import moment

_HEADINGS = {
    Day.WEEK_BEFORE: "A week before",
    Day.TWO_DAYS_BEFORE: "Two days before",
    Day.DAY_BEFORE: "The day before",
    Day.DAY: "On the day",
    Day.AFTER: "After",
}


def print_checklist(lines: Sequence[Line], window: Window | None, stack: str, screen: Console) -> None:
    """How many items are in which state; then by day its date, its items, and how to do what is not done."""
    counted = Counter(line.state for line in lines)
    screen.print(", ".join(f"{number} {state}" for state, number in counted.items()) + ".")
    if window is None:
        screen.print("No window is set, so there are no dates.")
    for day in Day:
        of_day = lines_of(lines, day)
        screen.print()
        screen.print(with_offset(f"{_HEADINGS[day]} ({day}){_date(due_at(day, window))}", window))
        table = plain_table("item", "state", "what", "said by")
        for line in of_day:
            table.add_row(line.item.id, line.state.value, line.item.what, line.summary or "-")
        screen.print(table)
        _print_commands(of_day, stack, screen)


def _date(due: datetime | None) -> str:
    return "" if due is None else f", from {moment(due)}"


def _print_commands(lines: Iterable[Line], stack: str, screen: Console) -> None:
    """Each way once, whatever number of items it does."""
    for command in dict.fromkeys(line.item.command for line in lines if line.state is not State.DONE):
        print_message(screen, f"To do: {fit(command, stack)}")
