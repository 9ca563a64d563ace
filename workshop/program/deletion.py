"""What must not be deleted while it is in use: hooks that the engine calls before it deletes."""

from __future__ import annotations

from pulumi import ResourceHook, ResourceHookArgs

from workshop.model.counting import running_workspaces
from workshop.model.names import NODE_POOL
from workshop.model.settings.regions import Region
from workshop.model.settings.stack import Settings
from workshop.observe.cluster import Cluster


class InUse(Exception):
    """Something that was about to be deleted is in use; it stays."""


def refuse_while_workspaces_run(settings: Settings, region: Region) -> ResourceHook:
    """A hook that raises InUse while workspaces run on this region's pool; no answer counts as running."""

    def refuse(_args: ResourceHookArgs) -> None:
        with Cluster(settings.kubeconfig, region.cluster.context) as cluster:
            running = cluster.running_workspaces((NODE_POOL,)).get(NODE_POOL, 0)
        if running:
            raise InUse(
                f"NodePool {NODE_POOL} in {region.name}: {running_workspaces(running)} on its nodes; deleting it "
                "takes their nodes and their work: stop these workspaces, then run destroy again"
            )

    return ResourceHook(f"{region.name}-pool-is-empty", refuse)
