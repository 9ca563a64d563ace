"""Commands that are imported only when they are asked for: their group's --help imports none."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar, TypeAlias

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

Commands: TypeAlias = Mapping[str, tuple[str, str]]
"""By name: "module:attribute", and a summary."""


def program() -> str:
    """How this command was called: as what pip installs, or by the script in a checkout."""
    return "workshop" if Path(sys.argv[0]).name == "workshop" else "scripts/workshop"


def as_typed(text: str | None) -> str | None:
    """Help whose examples can be typed as they are."""
    return text and re.sub(r"^(  +)workshop ", rf"\1{program()} ", text, flags=re.MULTILINE)


class LazyCommand(TyperCommand):
    """Stands in its group's list for what "module:attribute" names: a function with options, or a group of commands."""

    def __init__(self, name: str, target: str, summary: str) -> None:
        super().__init__(name, short_help=summary)
        self._target = target

    def get_short_help_str(self, limit: int = 45) -> str:  # noqa: ARG002 - a summary is wrapped, not cut
        """The summary."""
        return self.short_help or ""

    def make_context(self, *arguments: Any, **extra: Any) -> Any:  # noqa: ANN401 - as click hands them on
        """Of the command itself, which takes over from here."""
        module, _, attribute = self._target.partition(":")
        found = getattr(import_module(module), attribute)
        if not isinstance(found, typer.Typer):
            app = typer.Typer(add_completion=False, rich_markup_mode=None)
            app.command(self.name)(found)
            found = app
        command = get_command(found)
        command.help = as_typed(command.help)
        return command.make_context(*arguments, **extra)


class LazyGroup(TyperGroup):
    """A group whose commands are imported lazily."""

    lazy_commands: ClassVar[Commands] = {}

    def __init__(self, **attributes: Any) -> None:  # noqa: ANN401 - as typer hands them on
        super().__init__(**attributes)
        self.help = as_typed(self.help)
        for name, (target, summary) in self.lazy_commands.items():
            self.add_command(LazyCommand(name, target, summary))
