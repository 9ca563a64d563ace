"""The paths of settings as people write them, and the commands that fix a setting."""

from __future__ import annotations

import json
import re
import shlex
from typing import Final, TypeAlias

PROJECT: Final = "workshop"
"""The Pulumi project's name, and so the namespace of every key: `workshop:users`."""

SettingPath: TypeAlias = tuple[str | int, ...]
"""Where a setting is: ("regions", 2, "share")."""


def key_of(path: SettingPath) -> str:
    """Writes a path, which is never empty, as Pulumi does: workshop:regions[2].share, workshop:adopt["a.b"]."""
    key = f"{PROJECT}:{path[0]}"
    for step in path[1:]:
        if isinstance(step, int):
            key += f"[{step}]"
        elif re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", step):
            key += f".{step}"
        else:
            key += f"[{json.dumps(step)}]"
    return key


def set_command(path: SettingPath, value: str) -> str:
    """The command that sets one value; value is shell text, such as 20 or "$(aws sts ...)"."""
    return f"pulumi config set {_key_argument(path)} {value}"


def remove_command(path: SettingPath) -> str:
    """The command that takes one setting out."""
    return f"pulumi config rm {_key_argument(path)}"


def _key_argument(path: SettingPath) -> str:
    option = "--path " if len(path) > 1 else ""
    return option + shlex.quote(key_of(path))
