"""What the command line makes of a command that a text names."""

from __future__ import annotations

import re
import shlex
from importlib import import_module
from typing import Any

import typer
from typer.main import get_command

from workshop.cli import main
from workshop.cli.lazy import LazyGroup


def unknown_options(text: str) -> set[str]:
    """Options of a command, such as `event end --seat 7`, that it does not have. Raises KeyError for no command."""
    words = shlex.split(re.split(r" [>|] ", text)[0])
    options = {word for word in words if word.startswith("--")}
    return options - {name for parameter in _command(words).params for name in parameter.opts}


def _command(words: list[str]) -> Any:  # noqa: ANN401 - typer's
    group = get_command(main.app)
    while isinstance(group, LazyGroup) and words:
        target, _ = type(group).lazy_commands[words.pop(0)]
        module, _, attribute = target.partition(":")
        found = getattr(import_module(module), attribute)
        if not isinstance(found, typer.Typer):
            app = typer.Typer(add_completion=False)
            app.command()(found)
            return get_command(app)
        group = get_command(found)
    commands = getattr(group, "commands", {})
    return commands[words.pop(0)] if words and commands else group
