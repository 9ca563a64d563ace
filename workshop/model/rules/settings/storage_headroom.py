"""storage-headroom: more than the headroom stays free on a node whose workspaces use all they may."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workshop.model.findings import Finding
from workshop.model.plan import storage
from workshop.model.plan.plan import Plan
from workshop.model.settings.stack import Scope, Settings

NAME: Final = "storage-headroom"


def check(settings: Settings, plan: Plan) -> Iterator[Finding]:
    """Computes the free share again from the planned volume, whatever the plan says of it."""
    if settings.scope is not Scope.ALL:
        return
    workspaces = settings.workspaces
    for region in plan.regions.values():
        nodes = region.nodes
        used = storage.peak_gib(nodes.users_per_node, workspaces.storage_gib, workspaces.images_and_logs_gib)
        free = storage.free_percent(nodes.volume_gib, used)
        if free <= workspaces.headroom_percent:
            yield Finding(
                rule=NAME,
                resource=f"workspace nodes in {region.name}",
                problem=(
                    f"{storage.rounded(free, 1)} % of {nodes.volume_gib} GiB stays free at peak, "
                    f"more than {workspaces.headroom_percent} % is needed"
                ),
                why="nodes that run out of storage evict workspaces and delete their work",
                fix=f"a volume of {storage.volume_gib(used, workspaces.headroom_percent)} GiB is enough",
            )
