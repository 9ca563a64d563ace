"""Messages on the screen: prose is wrapped, a command stands on a line of its own and is not."""

from __future__ import annotations

import textwrap
from typing import Final

from rich.console import Console
from rich.text import Text

from workshop.cli.shell import parts
from workshop.model.legible import legible

_COMMAND_INDENT: Final = "    "


def print_message(screen: Console, message: str | Text, indent: int = 0) -> None:
    """A message, indented from its second line on where it is one of a list."""
    styled = message if isinstance(message, Text) else Text(message)
    if legible(styled.plain) != styled.plain:  # before its words are counted and its commands found
        styled = Text(legible(styled.plain), style=styled.style)
    is_first = True
    for part in parts(styled.plain):
        if part.is_command:
            print_command(screen, part.text, indent)
        elif is_first and styled.plain.startswith(part.text):
            _print_wrapped(screen, styled[: len(part.text)], "", indent)
        else:
            _print_wrapped(screen, Text(part.text), " " * indent, indent)
        is_first = False


def print_command(screen: Console, command: str, indent: int = 0) -> None:
    """A command to type."""
    screen.print(Text(" " * indent + _COMMAND_INDENT + command), soft_wrap=True)


def _print_wrapped(screen: Console, text: Text, start: str, indent: int) -> None:
    """Words are never broken: a path or a name can be copied."""
    width = max(screen.width - indent, 20)
    first, *rest = textwrap.wrap(text.plain, width, break_long_words=False, break_on_hyphens=False) or [""]
    styled = text[: len(first)] if text.plain.startswith(first) else Text(first)
    for line in (Text(start) + styled, *(Text(" " * indent + line) for line in rest)):
        screen.print(line, soft_wrap=True)
