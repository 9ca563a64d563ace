"""Which stack a command is about, and all its settings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from workshop.cli.problem import CannotRun
from workshop.cli.sandbox_config import read_overrides
from workshop.model.plan.plan import Plan, make_plan
from workshop.model.settings.config import settings_from_config, stack_config
from workshop.model.settings.stack import Settings
from workshop.model.window.phases import Phase, phase_at
from workshop.model.zones.file import ZoneFile
from workshop.model.zones.read import read_zones
from workshop.observe.clock import now
from workshop.observe.project import project_folder
from workshop.observe.zone_files import zone_texts
from workshop.sandbox.isolation import is_sandbox_stack

USERS: Final = "workshop:users"


@dataclass(frozen=True, kw_only=True)
class Stack:
    """One stack as a command means it.

    config: what Pulumi would hand to the program, with the number of users that was asked for laid on top.
    previous_users: what the last confirmed run was for, or None. phase: at read_at, None without a window.
    """

    name: str
    config: Mapping[str, str]
    settings: Settings = field(repr=False)
    previous_users: int | None
    zones: tuple[ZoneFile, ...] = ()
    phase: Phase | None = None
    read_at: datetime

    @property
    def is_sandbox(self) -> bool:
        """Whether it is simulated on this machine."""
        return is_sandbox_stack(self.name)

    def plan(self) -> Plan:
        """What `up` would declare now. Raises Refused where there is no plan."""
        return make_plan(self.settings, self.zones, self.phase)


def read_stack(
    name: str, users: int | None = None, *, users_if_unknown: int | None = None, text: str | None = None
) -> Stack:
    """Reads Pulumi.<name>.yaml and, for the sandbox, what differs from it.

    users_if_unknown: for commands whose answer does not depend on the number. text: of the file, where it is yet to be
    written. Raises CannotRun for a stack that isn't
    there, SettingsError for settings and Refused for zone files that can't be read.
    """
    project = project_folder()
    file = _file(project, name)
    config = stack_config(_text(file) if text is None else text, _text(project / "Pulumi.yaml"), file.name)
    if is_sandbox_stack(name):
        config |= read_overrides(name)
    previous = config.get(USERS, "")
    number = users or previous or users_if_unknown
    if not number:
        raise CannotRun(f"The number of users of stack {name} is not known yet: add --users N, such as --users 20.")
    config[USERS] = str(number)
    settings, read_at = settings_from_config(config), now()
    return Stack(
        name=name,
        config=config,
        settings=settings,
        zones=read_zones(zone_texts(project)),
        previous_users=int(previous) if re.fullmatch(r"\d{1,9}", previous) else None,
        phase=phase_at(settings.window, read_at),
        read_at=read_at,
    )


def stack_names(project: Path) -> list[str]:
    """Every stack that has a file of settings."""
    return sorted(path.name.removeprefix("Pulumi.").removesuffix(".yaml") for path in project.glob("Pulumi.*.yaml"))


def _file(project: Path, name: str) -> Path:
    path = project / f"Pulumi.{name}.yaml"
    if not re.fullmatch(r"[\w.-]{1,100}", name) or not path.is_file():
        known = ", ".join(stack_names(project))
        raise CannotRun(f"There is no stack {name}: Pulumi.{name}.yaml is missing; there are {known}.")
    return path


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise CannotRun(f"{path.name} is not text in UTF-8.") from None
    except OSError as error:
        raise CannotRun(f"{path.name} can't be read: {error.strerror}.") from None
