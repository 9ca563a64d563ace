"""The event's own namespace in one region's cluster."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi_kubernetes as kubernetes
from pulumi import ResourceOptions

from components.component import Component
from components.network_policies import POLICY, declare_network_policy
from components.pods import metadata


@dataclass(frozen=True, kw_only=True)
class EventNamespaceArgs:
    """namespace: its name. ports: over TCP, that its Pods reach anywhere. namespaces: whose Pods they reach."""

    namespace: str
    ports: tuple[int, ...]
    namespaces: tuple[str, ...]


class EventNamespace(Component):
    """Declares the namespace of the event's own Pods, apart from where template authors may start Pods, and what these
    may talk to, where the cluster's network enforces it. The metadata service of the nodes is not among it.

    Outputs: namespace (its name), network_policy (its name in it).
    """

    def __init__(self, name: str, args: EventNamespaceArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        named = metadata(args.namespace, labels={"pod-security.kubernetes.io/enforce": "restricted"})
        declared = kubernetes.core.v1.Namespace(
            self.child_name("event-namespace"), metadata=named, opts=self.child_options()
        )
        declare_network_policy(
            self,
            "event-network",
            args.namespace,
            args.ports,
            args.namespaces,
            self.child_options(depends_on=[declared]),
        )
        self.register_outputs({"namespace": args.namespace, "network_policy": POLICY})
