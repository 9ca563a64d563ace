"""The node pool that ran workspaces before: closed while the window is open."""

from __future__ import annotations

from dataclasses import dataclass

from pulumi import ResourceOptions
from pulumi_kubernetes.apiextensions import CustomResourcePatch

from components.component import Component
from components.patches import patch_annotations


@dataclass(frozen=True, kw_only=True)
class PreviousNodePoolArgs:
    """node_pool: its name, as observed."""

    node_pool: str


class PreviousNodePool(Component):
    """Declares that the previous pool starts no new nodes: a workspace there would lack the planned storage.

    Never retained: deleting the patch gives the field back and so reopens the pool.

    Outputs: node_pool (its name in the cluster).
    """

    def __init__(self, name: str, args: PreviousNodePoolArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        CustomResourcePatch(
            self.child_name("previous-pool"),
            api_version="karpenter.sh/v1",
            kind="NodePool",
            metadata={"name": args.node_pool, "annotations": patch_annotations("limits")},
            spec={"limits": {"cpu": "0"}},
            opts=self.child_options(),
        )
        self.register_outputs({"node_pool": args.node_pool})
