"""Which stack a command is about, and all its settings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from workshop.cli.problem import CannotRun
from workshop.model.plan.plan import Plan, make_plan
from workshop.model.settings.config import settings_from_config, stack_config
from workshop.model.settings.stack import Settings
from workshop.model.window.phases import Phase, phase_at
from workshop.model.zones.file import ZoneFile
from workshop.model.zones.read import read_zones
from workshop.observe.clock import now
from workshop.observe.zone_files import zone_texts
from workshop.sandbox.isolation import is_sandbox_stack

CHECKOUT: Final = Path(__file__).resolve().parents[2]
USERS: Final = "workshop:users"


@dataclass(frozen=True, kw_only=True)
class Stack:
    """One stack as a command means it.

    config: what Pulumi would hand to the program, with the number of users that was asked for laid on top.
    previous_users: what the last confirmed run was for, or None. phase: when it was read, None without a window.
    """

    name: str
    config: Mapping[str, str]
    settings: Settings = field(repr=False)
    previous_users: int | None
    zones: tuple[ZoneFile, ...] = ()
    phase: Phase | None = None

    @property
    def is_sandbox(self) -> bool:
        """Whether it is simulated on this machine."""
        return is_sandbox_stack(self.name)

    def plan(self) -> Plan:
        """What `up` would declare now. Raises Refused where there is no plan."""
        return make_plan(self.settings, self.zones, self.phase)


def read_stack(name: str, users: int | None = None) -> Stack:
    """Reads Pulumi.<name>.yaml and, for the sandbox, what it remembers.

    Raises CannotRun for a stack that isn't there, SettingsError for settings and Refused for zone files that can't be
    read.
    """
    config = stack_config(_text(_file(name)), _text(CHECKOUT / "Pulumi.yaml"), _file(name).name)
    if is_sandbox_stack(name):
        from workshop.cli.remembered import remembered

        config |= remembered(name)
    previous = config.get(USERS, "")
    if users is not None:
        config[USERS] = str(users)
    if not config.get(USERS):
        raise CannotRun(f"How many people are coming to the workshop is not known yet: add --users 20 (stack {name}).")
    settings = settings_from_config(config)
    return Stack(
        name=name,
        config=config,
        settings=settings,
        zones=read_zones(zone_texts(CHECKOUT)),
        previous_users=int(previous) if re.fullmatch(r"\d{1,9}", previous) else None,
        phase=phase_at(settings.window, now()),
    )


def _file(name: str) -> Path:
    path = CHECKOUT / f"Pulumi.{name}.yaml"
    if not re.fullmatch(r"[\w.-]{1,100}", name) or not path.is_file():
        known = sorted(
            path.name.removeprefix("Pulumi.").removesuffix(".yaml") for path in CHECKOUT.glob("Pulumi.*.yaml")
        )
        raise CannotRun(f"There is no stack {name}: Pulumi.{name}.yaml is missing; there are {', '.join(known)}.")
    return path


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise CannotRun(f"{path.name} is not text in UTF-8.") from None
    except OSError as error:
        raise CannotRun(f"{path.name} can't be read: {error.strerror}.") from None
