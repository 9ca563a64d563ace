"""The board, printed once."""

from __future__ import annotations

from datetime import datetime

from rich.console import Console

from workshop.cli.render.message import print_message
from workshop.cli.render.tables import plain_table
from workshop.model.event.board.document import Board
from workshop.model.event.board.lines import age, headline, summary, waits, warnings, why


def print_board(board: Board, now: datetime, screen: Console) -> None:
    """What is going on, and who needs help, the most urgent first."""
    print_message(screen, f"{headline(board, now)} ({age(board, now)})")
    screen.print()
    table = plain_table("", "")
    table.show_header = False
    for label, text in summary(board, now).items():
        table.add_row(label, text)
    screen.print(table)
    screen.print()
    if needing := board.needing_help:
        print_message(screen, f"Needing help: {len(needing)} of {len(board.seats)}")
        people = plain_table("seat", "state", "for", "why")
        for seat in needing:
            people.add_row(seat.name, seat.state, waits(seat, now), why(seat))
        screen.print(people)
    else:
        print_message(screen, "Nobody needs help.")
    for warning in warnings(board, now):
        print_message(screen, f"Warning: {warning}")
