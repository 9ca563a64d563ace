"""What differs from a sandbox stack's file, which no command changes: the number of users, and where the server is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from pydantic import TypeAdapter, ValidationError

from workshop.cli.problem import CannotRun
from workshop.model.settings.commands import PROJECT
from workshop.sandbox.files import write_private
from workshop.sandbox.paths import SandboxPaths

_Overrides: Final = TypeAdapter(dict[str, dict[str, str]])
"""By stack: config keys and values, as Pulumi hands them out."""


def read_overrides(stack: str) -> Mapping[str, str]:
    """Config that takes precedence over the stack's file. Raises CannotRun where the file that holds it is damaged."""
    return _read(SandboxPaths.from_environment()).get(stack, {})


def save_users(stack: str, users: int) -> None:
    """Saves the number of users for the commands that come."""
    paths = SandboxPaths.from_environment()
    overrides = _read(paths)
    overrides.setdefault(stack, {})[f"{PROJECT}:users"] = str(users)
    write_private(paths.overrides, json.dumps(overrides, indent=2, sort_keys=True) + "\n")


def config_for_server(config: Mapping[str, str]) -> Mapping[str, str]:
    """The stack's config, leading to the server that runs if the stack's file names another."""
    paths = SandboxPaths.from_environment()
    if paths.is_default:
        return config
    where = {
        f"{PROJECT}:{key}": value if isinstance(value, str) else json.dumps(value)
        for key, value in paths.settings.items()
    }
    return {**config, **where}


def _read(paths: SandboxPaths) -> dict[str, dict[str, str]]:
    try:
        return _Overrides.validate_json(paths.overrides.read_bytes())
    except FileNotFoundError:
        return {}
    except ValidationError:
        raise CannotRun(f"{paths.overrides} is damaged: delete it, then give --users again.") from None
