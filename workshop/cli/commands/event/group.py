"""`workshop event`: the people's part of a workshop."""

from __future__ import annotations

from typing import ClassVar

import typer

from workshop.cli.lazy import Commands, LazyGroup


class _Event(LazyGroup):
    lazy_commands: ClassVar[Commands] = {
        "plan": ("workshop.cli.commands.event.plan:plan", "Show what the event costs, and when."),
        "money": ("workshop.cli.commands.event.money:money", "Show what it has cost, is due, and will cost."),
    }


app = typer.Typer(cls=_Event, add_completion=False, no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def event() -> None:
    """Seats, time and money of the people's part of a workshop."""
