"""What the keeper may do in one region's cluster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pulumi import ResourceOptions

from components.component import Component
from components.pods import grant_to


@dataclass(frozen=True, kw_only=True)
class KeeperRightsArgs:
    """keeper: its ServiceAccount in the control plane's cluster, its user elsewhere. account_namespace: the account's,
    None for a user.

    namespace: of its heartbeat. heartbeat: name of the ConfigMap. workspace_namespaces: where it gets into pods.
    node_pool: that it may stop.
    """

    keeper: str
    account_namespace: str | None
    namespace: str
    heartbeat: str
    workspace_namespaces: tuple[str, ...]
    node_pool: str


class KeeperRights(Component):
    """Declares roles by which the keeper sees pods and nodes, ends nodes, stops one pool and gets into pods.

    RBAC names no labels and no contents: admission bounds each of these (components/event/admission.py).

    Outputs: keeper (whose rights they are).
    """

    def __init__(self, name: str, args: KeeperRightsArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        subject = {"kind": "User", "name": args.keeper, "api_group": "rbac.authorization.k8s.io"}
        if args.account_namespace:
            subject = {"kind": "ServiceAccount", "name": args.keeper, "namespace": args.account_namespace}
        heartbeat = {"api_groups": [""], "resources": ["configmaps"], "resource_names": [args.heartbeat]}
        grant_to(self, subject, args.keeper, None, [*pool_rules(args.node_pool)])
        grant_to(self, subject, args.keeper, args.namespace, [{**heartbeat, "verbs": ["create", "get", "patch"]}])
        for namespace in args.workspace_namespaces:
            grant_to(self, subject, args.keeper, namespace, _WORK)
        self.register_outputs({"keeper": args.keeper})


_WORK: list[dict[str, Any]] = [
    {"api_groups": [""], "resources": ["pods"], "verbs": ["get"]},
    # A websocket begins with a GET, and Kubernetes 1.35 asks for create as well.
    {"api_groups": [""], "resources": ["pods/exec"], "verbs": ["create", "get"]},
]


def pool_rules(node_pool: str) -> list[dict[str, Any]]:
    """To stop a pool, to see who is on its nodes, and to end them."""
    return [
        {
            "api_groups": ["karpenter.sh"],
            "resources": ["nodepools"],
            "resource_names": [node_pool],
            "verbs": ["get", "patch"],
        },
        {"api_groups": ["karpenter.sh"], "resources": ["nodeclaims"], "verbs": ["delete", "get", "list"]},
        {"api_groups": [""], "resources": ["nodes"], "verbs": ["get", "list", "patch"]},
        {"api_groups": [""], "resources": ["pods"], "verbs": ["list"]},
    ]
