"""Nodes that stand ready before people come (docs/arrival.md): declared while the window is open, and never without."""

from __future__ import annotations

from pulumi import ResourceOptions

from components.warm_nodes import WarmNodes, WarmNodesArgs
from workshop.model.names import NODE_POOL, WARM_KEEPER
from workshop.model.plan.plan import Plan
from workshop.model.settings.section import given
from workshop.model.settings.stack import Settings
from workshop.model.warm import warm_request, warm_schedule
from workshop.observe.providers import Providers


def declare_warm_nodes(settings: Settings, plan: Plan, providers: Providers) -> None:
    """One Deployment and what scales it, in every region that has nodes."""
    if plan.phase is None or not plan.phase.is_in_window:
        return
    workspaces = settings.workspaces
    for region in settings.regions:
        nodes = plan.regions[region.name].nodes
        if not nodes.nodes:
            continue
        request, shared = warm_request(settings, nodes.nodes), nodes.users_per_node
        args = WarmNodesArgs(
            image=given(settings.rotation.image),
            images=settings.arrival.images,
            pull_secrets=settings.arrival.pull_secrets,
            node_pool=NODE_POOL,
            cpu=str(shared * workspaces.largest.vcpu),
            memory=f"{shared * workspaces.largest.memory_gib}Gi",
            ephemeral_storage=f"{shared * workspaces.storage_gib}Gi",
            request=request.text(),
            schedule=warm_schedule(request),
            service_account=WARM_KEEPER,
        )
        WarmNodes(region.name, args, ResourceOptions(provider=providers.kubernetes[region.name]))
