"""A new node of our pool: NodeClaim, Node and EC2 instance."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from itertools import count
from typing import Final

from lightkube.utils.quantity import parse_quantity

from workshop.model.instances import INSTANCE_TYPES
from workshop.model.names import NODE_POOL
from workshop.model.plan.storage import allocatable_gib, ephemeral_device
from workshop.model.workspace_pods import NODE_POOL_LABEL, labels_of
from workshop.sandbox.json_values import Json
from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.manifests.merging import Manifest
from workshop.sandbox.manifests.store import ClusterStore
from workshop.sandbox.servers.aws.instances import Instances

CLAIMS: Final = kind_of("karpenter.sh/v1", "NodeClaim")
NODES: Final = kind_of("v1", "Node")
POOLS: Final = kind_of("karpenter.sh/v1", "NodePool")
TYPE_LABEL: Final = "node.kubernetes.io/instance-type"
ZONE_LABEL: Final = "topology.kubernetes.io/zone"
MANAGER: Final = "karpenter"

_CLASSES: Final = kind_of("karpenter.k8s.aws/v1", "EC2NodeClass")
_FIRST_HOST: Final = 10
_READY: Final = {"type": "Ready", "status": "True"}

Amounts = dict[str, Decimal]


def claims_of_pool(store: ClusterStore) -> list[Manifest]:
    """NodeClaims of our pool."""
    return [claim for claim in store.list(CLAIMS) if labels_of(claim).get(NODE_POOL_LABEL) == NODE_POOL]


def amounts(quantities: Mapping[str, str]) -> Amounts:
    """Quantities as numbers."""
    return {key: parse_quantity(str(text)) or Decimal() for key, text in quantities.items()}


def launch_node(store: ClusterStore, region: str, instances: Instances | None, now: datetime) -> str | None:
    """A node of our pool, of the cheapest type that it names, in the first of its zones; None at the pool's limits."""
    pool = store.get(POOLS, None, NODE_POOL)
    if pool is None:
        return None
    template = pool["spec"]["template"]
    node_class = store.get(_CLASSES, None, template["spec"]["nodeClassRef"]["name"])
    if node_class is None:
        return None
    wanted = {one["key"]: one.get("values", []) for one in template["spec"]["requirements"]}
    types = [name for name in wanted.get(TYPE_LABEL, ()) if name in INSTANCE_TYPES]
    if not types:
        return None
    chosen = min(types, key=lambda name: INSTANCE_TYPES[name].usd_per_hour.get(region, Decimal("Infinity")))
    size = INSTANCE_TYPES[chosen]
    capacity = {"cpu": str(size.vcpu), "memory": f"{size.memory_gib}Gi"}
    used = [amounts(claim["status"]["capacity"]) for claim in claims_of_pool(store)]
    needed, limits = amounts(capacity), amounts(pool["spec"].get("limits", {}))
    if any(sum((one[key] for one in used), needed[key]) > limits[key] for key in needed.keys() & limits.keys()):
        return None

    claim = f"{NODE_POOL}-{secrets.token_hex(3)}"
    zone = next(iter(wanted.get(ZONE_LABEL, ())), f"{region}a")
    instance, launched_before = f"i-{secrets.token_hex(8)}", 0
    if instances is not None:
        launched_before = len(instances.machines(region))
        instance = instances.launch(region, zone, chosen, claim, NODE_POOL, now)
    labels = {
        **template.get("metadata", {}).get("labels", {}),
        NODE_POOL_LABEL: NODE_POOL,
        "karpenter.sh/capacity-type": "on-demand",
        TYPE_LABEL: chosen,
        "topology.kubernetes.io/region": region,
        ZONE_LABEL: zone,
    }
    allocatable = {
        "cpu": f"{size.allocatable_millicores}m",
        "memory": f"{size.allocatable_mib}Mi",
        "ephemeral-storage": _storage(node_class),
        "pods": str(node_class["spec"].get("kubelet", {}).get("maxPods", size.pods)),
    }
    node, provider = _free_name(store, region, _FIRST_HOST + launched_before), f"aws:///{zone}/{instance}"
    status: dict[str, Json] = {
        "providerID": provider,
        "nodeName": node,
        "capacity": capacity,
        "allocatable": allocatable,
        "conditions": [{"type": each, "status": "True"} for each in ("Launched", "Registered", "Initialized", "Ready")],
    }
    taints = [dict(taint) for taint in template["spec"].get("taints", ())]
    spec = {key: template["spec"][key] for key in ("nodeClassRef", "requirements", "taints") if key in template["spec"]}
    made = store.create(
        {
            "apiVersion": CLAIMS.api_version,
            "kind": CLAIMS.name,
            "metadata": {"name": claim, "labels": labels},
            "spec": spec,
            "status": status,
        },
        MANAGER,
    )
    owner = {
        "apiVersion": CLAIMS.api_version,
        "kind": CLAIMS.name,
        "name": claim,
        "uid": made["metadata"]["uid"],
        "blockOwnerDeletion": True,
    }
    labels = {**labels, "kubernetes.io/hostname": node}
    store.create(
        {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": node, "labels": labels, "ownerReferences": [owner]},
            "spec": {"providerID": provider, "taints": taints},
            "status": {"capacity": capacity, "allocatable": allocatable, "conditions": [_READY]},
        },
        MANAGER,
    )
    return node


def _free_name(store: ClusterStore, region: str, first: int) -> str:
    """One that no node had before, as far as EC2 remembers."""
    taken = {node["metadata"]["name"] for node in store.list(NODES)}
    names = (f"ip-10-0-9-{host}.{region}.compute.internal" for host in count(first))
    return next(name for name in names if name not in taken)


def _storage(node_class: Manifest) -> str:
    """What the kubelet offers of the volume on its device, in bytes."""
    family = str(node_class["spec"]["amiSelectorTerms"][0]["alias"]).partition("@")[0]
    device = ephemeral_device({"bottlerocket": "Bottlerocket", "al2023": "AL2023"}[family])
    volume = next(
        one["ebs"]["volumeSize"] for one in node_class["spec"]["blockDeviceMappings"] if one["deviceName"] == device
    )
    return str(int(allocatable_gib(int(str(volume).removesuffix("Gi"))) * 1024**3))
