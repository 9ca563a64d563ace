"""volume-attachments: where homes are volumes, a node can attach one for each workspace that it is planned for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workshop.model.counting import counted
from workshop.model.findings import Finding
from workshop.model.instances import INSTANCE_TYPES
from workshop.model.plan.plan import Plan
from workshop.model.settings.commands import set_command
from workshop.model.settings.stack import Scope, Settings

NAME: Final = "volume-attachments"

NODE_VOLUMES: Final = 2
"""A node's own: the system's, and that of what workspaces keep on the node."""


def check(settings: Settings, plan: Plan) -> Iterator[Finding]:
    """Compares what each instance type can attach with the workspaces that share a node."""
    if not _on_volumes(settings):
        return
    users = max(region.nodes.users_per_node for region in plan.regions.values())
    for name in settings.workspaces.instance_types:
        instance = INSTANCE_TYPES[name]
        left = instance.attachments - instance.interfaces - NODE_VOLUMES
        if users > left:
            yield Finding(
                rule=NAME,
                resource=f"instance type {name}",
                problem=f"{users} workspaces share a node, which can attach {counted(left, 'home')}: "
                f"{instance.attachments} places, of which network interfaces take {instance.interfaces} and its own "
                f"volumes {NODE_VOLUMES}",
                why="the others would wait for a volume that is never attached",
                fix=set_command(("workspaces", "max_users_per_node"), str(left)),
            )


def advise(settings: Settings) -> Iterator[Finding]:
    """A volume belongs to one zone, and its workspace starts nowhere else."""
    for region in settings.regions if _on_volumes(settings) else ():
        if region.share and len(region.zones) > 1:
            yield Finding(
                rule=NAME,
                resource=f"region {region.name}",
                problem=f"homes are volumes in {counted(len(region.zones), 'zone')}, and each seat starts in its own",
                why="a zone without room keeps its seats from starting, while others have some",
                fix=set_command(("event", "homes"), "node") + ", or accept it",
            )


def _on_volumes(settings: Settings) -> bool:
    return settings.scope is Scope.ALL and settings.event is not None and settings.event.homes == "volume"
