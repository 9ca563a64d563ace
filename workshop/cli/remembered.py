"""What the sandbox remembers between commands, so that no tracked file changes."""

from __future__ import annotations

import json

from pydantic import TypeAdapter, ValidationError

from workshop.cli.problem import CannotRun
from workshop.sandbox.files import write_whole
from workshop.sandbox.paths import SandboxPaths

_Overrides = TypeAdapter(dict[str, dict[str, str]])
"""By stack: config keys and values, as Pulumi hands them out."""


def remembered(stack: str) -> dict[str, str]:
    """Config that goes over the stack's file. Raises CannotRun where the file that remembers was damaged."""
    return _read(SandboxPaths.from_environment()).get(stack, {})


def remember_users(stack: str, users: int) -> None:
    """Keeps the number of users for the commands that come."""
    paths = SandboxPaths.from_environment()
    overrides = _read(paths)
    overrides.setdefault(stack, {})["workshop:users"] = str(users)
    write_whole(paths.overrides, json.dumps(overrides, indent=2, sort_keys=True) + "\n")


def _read(paths: SandboxPaths) -> dict[str, dict[str, str]]:
    try:
        return _Overrides.validate_json(paths.overrides.read_bytes())
    except FileNotFoundError:
        return {}
    except ValidationError:
        raise CannotRun(
            f"{paths.overrides} was damaged: delete it; the number of users has to be given again."
        ) from None
