"""Our own namespace in one region's cluster."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi_kubernetes as kubernetes
from pulumi import ResourceOptions

from components.component import Component
from components.pods import metadata


@dataclass(frozen=True, kw_only=True)
class RotationNamespaceArgs:
    """namespace: its name."""

    namespace: str


class RotationNamespace(Component):
    """Declares the namespace in which our Jobs run, apart from where template authors may start Pods.

    Outputs: namespace (its name).
    """

    def __init__(self, name: str, args: RotationNamespaceArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        named = metadata(args.namespace, labels={"pod-security.kubernetes.io/enforce": "restricted"})
        kubernetes.core.v1.Namespace(self.child_name("rotation-namespace"), metadata=named, opts=self.child_options())
        self.register_outputs({"namespace": args.namespace})
