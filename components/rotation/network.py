"""What our Jobs' Pods in one namespace may talk to, where the cluster's network enforces it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pulumi_kubernetes as kubernetes
from pulumi import ResourceOptions

from components.component import Component
from components.rotation.pods import metadata
from workshop.model.names import MANAGED_BY_LABEL, MARK

_DNS_PORT = 53
_NAMESPACE_NAME = "kubernetes.io/metadata.name"


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
        policy = f"{MARK}-jobs"
        kubernetes.networking.v1.NetworkPolicy(
            self.child_name(f"{args.namespace}-network"),
            metadata=metadata(policy, args.namespace),
            spec={
                "pod_selector": {"match_labels": {MANAGED_BY_LABEL: MARK}},
                "policy_types": ["Ingress", "Egress"],
                "egress": _egress(args),
            },
            opts=self.child_options(),
        )
        self.register_outputs({"network_policy": policy})


def _egress(args: RotationNetworkArgs) -> list[Any]:
    """By port alone: the addresses of AWS and of the API server are nobody's to promise."""
    names = [{"protocol": protocol, "port": _DNS_PORT} for protocol in ("UDP", "TCP")]
    litellm = {"namespace_selector": {"match_labels": {_NAMESPACE_NAME: args.litellm_namespace}}}
    return [
        {"ports": [*names, *({"protocol": "TCP", "port": port} for port in args.ports)]},
        {"to": [litellm]},
    ]
