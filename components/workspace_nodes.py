"""Workspace nodes of one region: a Karpenter node pool and its EC2 node class, owned outright."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pulumi import ResourceHook, ResourceHookBinding, ResourceOptions
from pulumi_kubernetes.apiextensions import CustomResource

from components.component import Component
from workshop.model.names import MANAGED_BY_LABEL, MANAGED_BY_TAG, MARK, NODE_CLASS, NODE_LABELS, NODE_POOL, NODE_TAINT
from workshop.model.settings.types import AmiFamily
from workshop.model.window.disruption import Hold
from workshop.model.window.drift import LiveNodes

WEIGHT = 100
"""The highest there is: Karpenter tries this pool before the existing one, which sets none
(coder/ai.coder.com at 6a071df, modules/k8s/objects/nodepool)."""

BOTTLEROCKET_ROOT = "/dev/xvda"
BOTTLEROCKET_ROOT_GIB = 4
"""Bottlerocket's operating system has a device of its own; the size is Karpenter's default."""


@dataclass(frozen=True, kw_only=True)
class WorkspaceNodesArgs:
    """What the plan and the settings say about one region's nodes.

    volume_gib, max_pods, limit_vcpu, limit_memory_gib: from the plan. device: of the workspace volume. node_role: IAM
    role name. subnet_tags, security_group_tags: how Karpenter finds them. adopt: by resource name, the id of what
    exists already and is taken over. live: for the policies, what the nodes are like while workspaces run on them.
    annotations: what the pool says of itself to people and to the policies. hold: when no node may be taken away, None
    outside the window.
    """

    instance_types: tuple[str, ...]
    zones: tuple[str, ...]
    ami_family: AmiFamily
    device: str
    ami_version: str
    volume_gib: int
    max_pods: int
    limit_vcpu: int
    limit_memory_gib: int
    node_role: str
    subnet_tags: Mapping[str, str]
    security_group_tags: Mapping[str, str]
    adopt: Mapping[str, str]
    live: LiveNodes
    annotations: Mapping[str, str]
    hold: Hold | None


class WorkspaceNodes(Component):
    """Declares the node pool on which workspaces start and the class of its nodes.

    before_delete refuses to delete the pool while workspaces run on it. The class doesn't depend on the number of
    users, so that changing it never rolls nodes.

    Outputs: node_pool and node_class (their names in the cluster).
    """

    def __init__(
        self,
        name: str,
        args: WorkspaceNodesArgs,
        before_delete: ResourceHook,
        opts: ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, args, opts)
        class_name, pool_name = self.child_name("class"), self.child_name("pool")
        node_class = CustomResource(
            class_name,
            api_version="karpenter.k8s.aws/v1",
            kind="EC2NodeClass",
            metadata=_metadata(NODE_CLASS),
            spec=_node_class(args),
            opts=self.child_options(import_=args.adopt.get(class_name)),
        )
        CustomResource(
            pool_name,
            api_version="karpenter.sh/v1",
            kind="NodePool",
            metadata=_metadata(NODE_POOL, args.annotations),
            spec=_node_pool(args),
            opts=self.child_options(
                depends_on=[node_class],
                import_=args.adopt.get(pool_name),
                hooks=ResourceHookBinding(before_delete=[before_delete]),
            ),
        )
        self.register_outputs({"node_pool": NODE_POOL, "node_class": NODE_CLASS})


def _metadata(name: str, annotations: Mapping[str, str] | None = None) -> dict[str, Any]:
    # Forced: what somebody edits by hand is theirs until it is taken back, and an `up` would end half way.
    forced = {"pulumi.com/patchForce": "true", **(annotations or {})}
    return {"name": name, "labels": {MANAGED_BY_LABEL: MARK}, "annotations": forced}


def _node_pool(args: WorkspaceNodesArgs) -> dict[str, Any]:
    return {
        "weight": WEIGHT,
        "limits": {"cpu": str(args.limit_vcpu), "memory": f"{args.limit_memory_gib}Gi"},
        "disruption": {"consolidationPolicy": "WhenEmpty", "consolidateAfter": "30m", **_budgets(args.hold)},
        "template": {
            "metadata": {"labels": dict(NODE_LABELS)},
            "spec": {
                "nodeClassRef": {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": NODE_CLASS},
                "taints": [dict(NODE_TAINT)],
                # Never, and no terminationGracePeriod: either would take a node from under its workspaces.
                "expireAfter": "Never",
                "requirements": [
                    _one_of("karpenter.sh/capacity-type", "on-demand"),
                    _one_of("kubernetes.io/arch", "amd64"),
                    _one_of("kubernetes.io/os", "linux"),
                    _one_of("node.kubernetes.io/instance-type", *args.instance_types),
                    _one_of("topology.kubernetes.io/zone", *args.zones),
                ],
            },
        },
    }


def _budgets(hold: Hold | None) -> dict[str, Any]:
    """The most restrictive active budget wins; once the hold has lapsed, that is Karpenter's default again."""
    if hold is None:
        return {}
    return {
        "budgets": [{"nodes": "10%"}, {"nodes": "0", "schedule": hold.schedule, "duration": hold.duration}],
    }


def _one_of(key: str, *values: str) -> dict[str, Any]:
    return {"key": key, "operator": "In", "values": list(values)}


def _node_class(args: WorkspaceNodesArgs) -> dict[str, Any]:
    return {
        "amiFamily": args.ami_family,
        "amiSelectorTerms": [{"alias": f"{args.ami_family.lower()}@{args.ami_version}"}],
        "role": args.node_role,
        "subnetSelectorTerms": [{"tags": dict(args.subnet_tags)}],
        "securityGroupSelectorTerms": [{"tags": dict(args.security_group_tags)}],
        "blockDeviceMappings": _volumes(args),
        "kubelet": {"maxPods": args.max_pods},
        "metadataOptions": {
            "httpEndpoint": "enabled",
            "httpProtocolIPv6": "disabled",
            "httpPutResponseHopLimit": 1,
            "httpTokens": "required",
        },
        "tags": {MANAGED_BY_TAG: MARK},
    }


def _volumes(args: WorkspaceNodesArgs) -> list[dict[str, Any]]:
    volumes = {args.device: args.volume_gib}
    if args.ami_family == "Bottlerocket":
        volumes = {BOTTLEROCKET_ROOT: BOTTLEROCKET_ROOT_GIB} | volumes
    return [
        {
            "deviceName": device,
            "ebs": {"volumeSize": f"{gib}Gi", "volumeType": "gp3", "encrypted": True, "deleteOnTermination": True},
        }
        for device, gib in volumes.items()
    ]
