"""ephemeral-device: the workspace volume is the one that the AMI family's kubelet uses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workshop.model.findings import Finding
from workshop.model.plan import storage
from workshop.model.plan.plan import Plan
from workshop.model.settings.commands import set_command
from workshop.model.settings.stack import Scope, Settings

NAME: Final = "ephemeral-device"


def check(settings: Settings, _plan: Plan) -> Iterator[Finding]:
    """Compares the device in the settings with the family's own."""
    workspaces = settings.workspaces
    needed = storage.ephemeral_device(workspaces.ami_family)
    if settings.scope is Scope.ALL and workspaces.device != needed:
        yield Finding(
            rule=NAME,
            resource="workshop:workspaces.device",
            problem=f"the workspace volume is on {workspaces.device}, {workspaces.ami_family}'s kubelet uses {needed}",
            why="workspaces would share a small default volume and be evicted when it fills",
            fix=set_command(("workspaces", "device"), needed),
        )
