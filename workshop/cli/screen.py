"""What a person sees: results on standard output, progress and questions on standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any, Final

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from workshop.model.legible import legible, one_line
from workshop.model.outcome import Change

WIDTH: Final = 100
"""Columns of prose at most; a narrower terminal, or COLUMNS, has its own width, and a pipe without it has 80."""

_SECONDS_BETWEEN_LINES: Final = 5.0
"""Of progress, where it is written to a pipe or a file."""

_LONGEST_STATUS: Final = 200


class Screen:
    """results: where the answer goes; notes: everything that is not the answer. With JSON, text is a note."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json
        self.results = _Console(is_error=False)
        self.notes = _Console(is_error=True)
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
        """Says that something takes its time and, through the function it gives, how far it is."""
        if self.notes.is_terminal:
            with self.notes.status(Text(f"{what} ...")) as status:  # as a str it would be read as markup
                yield lambda at: status.update(Text(one_line(f"{what} ... {at}", _LONGEST_STATUS)))
            return
        self.notes.print(f"{what} ...")
        last = time.monotonic()

        def say(at: str) -> None:
            nonlocal last
            if time.monotonic() - last >= _SECONDS_BETWEEN_LINES:
                self.notes.print(one_line(f"{what} ... {at}", _LONGEST_STATUS), soft_wrap=True)
                last = time.monotonic()

        yield say

    @property
    def can_ask(self) -> bool:
        """Whether somebody sits at a terminal and reads text."""
        return not self.as_json and sys.stdin.isatty()

    def ask(self, question: str) -> str:
        """The answer that was typed, without blanks around it; "" at the end of the input."""
        self.notes.print(question, end=" ")
        return sys.stdin.readline().strip()


class _Console(Console):
    """Plain text of bounded width, legible whatever it is made of. Who stops reading it does not stop the command."""

    def __init__(self, *, is_error: bool) -> None:
        super().__init__(stderr=is_error, highlight=False, markup=False, emoji=False, soft_wrap=False)
        self.width = min(self.width, WIDTH)

    def render_str(self, text: str, **options: Any) -> Text:  # noqa: ANN401 - as Rich hands them on
        """A text or a table's cell, legible before it is measured."""
        return super().render_str(legible(text, None), **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        """Everything that is printed. What Rich itself tells the terminal is marked as control."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(legible(segment.text, None), segment.style)

    def on_broken_pipe(self) -> None:
        """Goes on; nothing more is written."""
        self.quiet = True
