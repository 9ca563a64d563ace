"""What a person sees: results on standard output, progress and questions on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager

from rich.console import Console

from workshop.model.outcome import Change

WIDTH = 100
"""Columns at most; a terminal that is narrower gets its own width."""


class Screen:
    """results: where the answer goes; notes: everything that is not the answer. With JSON, text is a note."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json
        self.results = _console(is_error=False)
        self.notes = _console(is_error=True)
        self.text = self.notes if as_json else self.results

    @contextmanager
    def working(self, what: str) -> Generator[Callable[[Change], None]]:
        """Says that something takes its time and, through the function it gives, how far it is."""
        steps = 0
        with self.saying(what) as say:

            def on_change(change: Change) -> None:
                nonlocal steps
                steps += 1
                say(f"{steps} done, last: {change.operation} {change.name}")

            yield on_change

    @contextmanager
    def saying(self, what: str) -> Generator[Callable[[str], None]]:
        """Says that something takes its time and, on a terminal and through the function it gives, what it is at."""
        if not self.notes.is_terminal:
            self.notes.print(f"{what} ...")
            yield lambda _: None
            return
        with self.notes.status(f"{what} ...") as status:
            yield lambda at: status.update(f"{what} ... {at}")

    @property
    def can_ask(self) -> bool:
        """Whether somebody sits at a terminal and reads text."""
        return not self.as_json and sys.stdin.isatty()

    def ask(self, question: str) -> str:
        """The answer that was typed, without blanks around it; "" at the end of the input."""
        self.notes.print(question, end=" ")
        return sys.stdin.readline().strip()


def _console(*, is_error: bool) -> Console:
    console = Console(stderr=is_error, highlight=False, markup=False, emoji=False, soft_wrap=False)
    console.width = min(console.width, WIDTH) if console.is_terminal else WIDTH
    return console
