"""NetworkPolicies of our own namespaces: nobody reaches our Pods, and these reach what they need."""

from __future__ import annotations

from typing import Any, Final

import pulumi_kubernetes as kubernetes
from pulumi import ResourceOptions
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs
from pulumi_kubernetes.networking.v1 import NetworkPolicySpecArgs

from components.component import Component
from components.pods import metadata
from workshop.model.names import MANAGED_BY_LABEL, MARK

POLICY: Final = f"{MARK}-jobs"
"""Its name in each of our namespaces."""

_DNS_PORT: Final = 53
_NAMESPACE_NAME: Final = "kubernetes.io/metadata.name"


def declare_network_policy(
    component: Component,
    name: str,
    namespace: str,
    ports: tuple[int, ...],
    namespaces: tuple[str, ...],
    opts: ResourceOptions,
    readers: tuple[tuple[str, ...], int] | None = None,
) -> None:
    """Our Pods of a namespace reach names, these ports anywhere over TCP, and every Pod of these namespaces.

    By port alone: the addresses of AWS and of API servers are nobody's to promise. readers: the namespaces whose Pods
    reach ours, and on which port; None: nobody does.
    """
    names = [{"protocol": protocol, "port": _DNS_PORT} for protocol in ("UDP", "TCP")]
    egress: list[Any] = [{"ports": [*names, *({"protocol": "TCP", "port": port} for port in ports)]}]
    for one in namespaces:
        egress.append({"to": [_pods_of(one)]})
    ingress: list[Any] = []
    if readers:
        asking, port = readers
        ingress = [{"from": [_pods_of(one) for one in asking], "ports": [{"protocol": "TCP", "port": port}]}]
    kubernetes.networking.v1.NetworkPolicy(
        component.child_name(name),
        metadata=metadata(POLICY, namespace),
        spec=NetworkPolicySpecArgs(
            pod_selector=LabelSelectorArgs(match_labels={MANAGED_BY_LABEL: MARK}),
            policy_types=["Ingress", "Egress"],
            egress=egress,
            ingress=ingress or None,
        ),
        opts=opts,
    )


def _pods_of(namespace: str) -> dict[str, Any]:
    return {"namespace_selector": {"match_labels": {_NAMESPACE_NAME: namespace}}}
