"""What our Jobs' Pods in one namespace may talk to, where the cluster's network enforces it."""

from __future__ import annotations

from dataclasses import dataclass

from pulumi import ResourceOptions

from components.component import Component
from components.network_policies import POLICY, declare_network_policy


@dataclass(frozen=True, kw_only=True)
class RotationNetworkArgs:
    """namespace: of the Pods. ports: over TCP, to anywhere: the API server's, AWS's and LiteLLM's.

    litellm_namespace: whose Pods may be reached directly, as a Service of that namespace leads there.
    """

    namespace: str
    ports: tuple[int, ...]
    litellm_namespace: str


class RotationNetwork(Component):
    """Declares that nobody reaches our Pods, and that they reach names, these ports and LiteLLM's Pods.

    The metadata service of the nodes, on port 80, is not among them.

    Outputs: network_policy (its name in the cluster).
    """

    def __init__(self, name: str, args: RotationNetworkArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        name = f"{args.namespace}-network"
        declare_network_policy(self, name, args.namespace, args.ports, (args.litellm_namespace,), self.child_options())
        self.register_outputs({"network_policy": POLICY})
