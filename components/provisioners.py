"""Provisioners of one region: how many build workspaces, for each organization."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pulumi import ResourceOptions

from components.component import Component
from components.patches import replica_patch
from workshop.model.plan.workloads import Deployment


@dataclass(frozen=True, kw_only=True)
class ProvisionersArgs:
    """replicas: pods by organization, from the plan; deployments: where each organization's run."""

    replicas: Mapping[str, int]
    deployments: Mapping[str, Deployment]


class Provisioners(Component):
    """Declares how many provisioners each organization has in one region; owns those numbers and nothing else.

    Outputs: replicas (pods by organization).
    """

    def __init__(self, name: str, args: ProvisionersArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        for organization, deployment in args.deployments.items():
            replica_patch(
                self.child_name(f"provisioners-{organization}"),
                deployment,
                args.replicas[organization],
                self.child_options(),
            )
        self.register_outputs({"replicas": dict(args.replicas)})
