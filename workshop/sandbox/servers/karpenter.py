"""Karpenter, the scheduler and the kubelet as far as workspaces need them, in clusters that are folders of manifests.

Pods of workspaces' Deployments are placed where there is room; where there is none, our pool gets a NodeClaim, its Node
and an EC2 instance, within the pool's limits. Of these three, whichever goes takes the others and its pods with it, and
a Deployment whose pod is gone gets another one. An empty node stays: ending it is the keeper's.

Where clusters have API servers, their own controllers do all that, and only EC2 instances are played: one for each
NodeClaim of our pool.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final

from lightkube.utils.quantity import parse_quantity

from workshop.model.instances import INSTANCE_TYPES
from workshop.model.names import NODE_POOL
from workshop.model.plan.storage import allocatable_gib, ephemeral_device
from workshop.model.workspace_pods import NODE_POOL_LABEL, is_workspace_taint, labels_of
from workshop.sandbox.json_values import Json
from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.manifests.merging import Manifest
from workshop.sandbox.manifests.store import ClusterStore
from workshop.sandbox.running_pods import running_status
from workshop.sandbox.servers.instances import Instances
from workshop.sandbox.workspace_deployments import DEPLOYMENTS, PODS, workspace_of

CLAIMS: Final = kind_of("karpenter.sh/v1", "NodeClaim")
NODES: Final = kind_of("v1", "Node")
POOLS: Final = kind_of("karpenter.sh/v1", "NodePool")
CLASSES: Final = kind_of("karpenter.k8s.aws/v1", "EC2NodeClass")

_MANAGER: Final = "karpenter"
_RESOURCES: Final = ("cpu", "memory", "ephemeral-storage", "pods")
_TYPE_LABEL: Final = "node.kubernetes.io/instance-type"
_ZONE_LABEL: Final = "topology.kubernetes.io/zone"
_FIRST_HOST: Final = 10
_READY: Final = {"type": "Ready", "status": "True"}

Amounts = dict[str, Decimal]


def reconcile(store: ClusterStore, region: str, instances: Instances | None, now: datetime) -> None:
    """Does in one cluster of folders what its controllers would do. instances: None plays none."""
    _end_claims(store, region, instances, now)
    placed = {node["metadata"]["name"] for node in store.list(NODES)}
    deployments = [one for one in store.list(DEPLOYMENTS) if workspace_of(one) and one["spec"]["replicas"]]
    wanted = {workspace_of(one) for one in deployments}
    for pod in _workspace_pods(store):
        if pod["spec"].get("nodeName") not in (None, *placed) or workspace_of(pod) not in wanted:
            store.delete(PODS, pod["metadata"]["namespace"], pod["metadata"]["name"])
    present = {pod["metadata"]["name"]: pod for pod in _workspace_pods(store)}
    for deployment in deployments:
        _keep_pod(store, deployment, present.get(_pod_name(deployment["metadata"]["name"])))
    for pod in _workspace_pods(store):
        if pod["spec"].get("nodeName") is None:
            _place(store, region, instances, pod, now)
    _count_resources(store)


def mirror_instances(store: ClusterStore, region: str, instances: Instances, now: datetime) -> None:
    """On an API server: an instance for every NodeClaim of our pool, and none for a claim that is gone."""
    claims = {claim["metadata"]["name"]: claim for claim in _claims(store)}
    machines = {machine.claim: machine for machine in instances.machines(region) if not machine.is_gone}
    for name in claims.keys() - machines.keys():
        labels = labels_of(claims[name])
        if not claims[name]["metadata"].get("deletionTimestamp") and _TYPE_LABEL in labels:
            zone = labels.get(_ZONE_LABEL, f"{region}a")
            instances.launch(region, zone, labels[_TYPE_LABEL], name, NODE_POOL, now)
    for name in machines.keys() - claims.keys():
        instances.terminate(region, machines[name].id, now)


def release_pod(store: ClusterStore, namespace: str, deployment: str) -> None:
    """Deletes a Deployment and its pod."""
    store.delete(DEPLOYMENTS, namespace, deployment)
    store.delete(PODS, namespace, _pod_name(deployment))


def _pod_name(deployment: str) -> str:
    """By which pods of Deployments are listed here (workshop/sandbox/running_pods.py)."""
    return f"{deployment}-0"


def _claims(store: ClusterStore) -> list[Manifest]:
    return [claim for claim in store.list(CLAIMS) if labels_of(claim).get(NODE_POOL_LABEL) == NODE_POOL]


def _workspace_pods(store: ClusterStore) -> list[Manifest]:
    return [pod for pod in store.list(PODS) if workspace_of(pod)]


def _end_claims(store: ClusterStore, region: str, instances: Instances | None, now: datetime) -> None:
    """Claim, node and instance go together."""
    machines = {machine.claim: machine for machine in (instances.machines(region) if instances else ())}
    nodes = {node["metadata"]["name"]: node for node in store.list(NODES)}
    claims: dict[str, Manifest] = {}
    for claim in _claims(store):
        name = claim["metadata"]["name"]
        if claim["status"]["nodeName"] not in nodes or (name in machines and machines[name].is_gone):
            store.delete(CLAIMS, None, name)
        else:
            claims[name] = claim
    for name, node in nodes.items():
        owner = next((one["name"] for one in node["metadata"].get("ownerReferences", ())), None)
        if owner is not None and owner not in claims:
            store.delete(NODES, None, name)
    for name, machine in machines.items():
        if name not in claims and not machine.is_gone and instances is not None:
            instances.terminate(region, machine.id, now)


def _count_resources(store: ClusterStore) -> None:
    """What the pool has, as it says of itself."""
    pool = store.get(POOLS, None, NODE_POOL)
    if pool is None:
        return
    claims = [_amounts(claim["status"]["capacity"]) for claim in _claims(store)]
    total = {key: str(int(sum((one[key] for one in claims), Decimal()))) for key in ("cpu", "memory")}
    status: dict[str, Json] = pool.get("status", {})
    resources = {**total, "nodes": str(len(claims))}
    if status.get("resources", resources if not claims else None) != resources:
        store.set_status({**pool, "status": {**status, "resources": resources}}, _MANAGER)


def _keep_pod(store: ClusterStore, deployment: Manifest, present: Manifest | None) -> None:
    owner, template = deployment["metadata"], deployment["spec"]["template"]
    name = _pod_name(owner["name"])
    if present is not None:
        if {key: value for key, value in present["spec"].items() if key != "nodeName"} == template["spec"]:
            return
        store.delete(PODS, owner["namespace"], name)
    pod: Manifest = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": owner["namespace"], "labels": dict(template["metadata"]["labels"])},
        "spec": dict(template["spec"]),
        "status": {"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False"}]},
    }
    store.create(pod, "kube-controller-manager")


def _place(store: ClusterStore, region: str, instances: Instances | None, pod: Manifest, now: datetime) -> None:
    node = _node_with_room(store, pod) or _new_node(store, region, instances, now)
    if node is None:
        return
    metadata = pod["metadata"]
    bound = {key: value for key, value in pod.items() if key != "status"}
    bound["metadata"] = {key: metadata[key] for key in ("name", "namespace", "labels")}
    bound["spec"] = {**pod["spec"], "nodeName": node}
    bound["status"] = running_status(pod["spec"], now.strftime("%Y-%m-%dT%H:%M:%SZ"))
    store.delete(PODS, metadata["namespace"], metadata["name"])
    store.create(bound, "kubelet")


def _node_with_room(store: ClusterStore, pod: Manifest) -> str | None:
    """A node of a pool whose taint workspaces tolerate, that is not cordoned and has what the pod asks for."""
    pools = {pool["metadata"]["name"] for pool in store.list(POOLS) if _takes_workspaces(pool)}
    asked, there = _asked(pod), _asked_of_nodes(store)
    for node in store.list(NODES):
        if labels_of(node).get(NODE_POOL_LABEL) not in pools or node.get("spec", {}).get("unschedulable"):
            continue
        has, taken = _amounts(node["status"]["allocatable"]), there.get(node["metadata"]["name"], {})
        if all(taken.get(key, 0) + asked[key] <= has[key] for key in _RESOURCES if key in has):
            return node["metadata"]["name"]
    return None


def _asked_of_nodes(store: ClusterStore) -> dict[str, Amounts]:
    found: dict[str, Amounts] = {}
    for pod in store.list(PODS):
        total = found.setdefault(pod["spec"].get("nodeName") or "", {})
        for key, amount in _asked(pod).items():
            total[key] = total.get(key, Decimal()) + amount
    return found


def _takes_workspaces(pool: Manifest) -> bool:
    return any(map(is_workspace_taint, pool["spec"]["template"]["spec"].get("taints", ())))


def _asked(pod: Manifest) -> Amounts:
    asked: Amounts = {"cpu": Decimal(), "memory": Decimal(), "ephemeral-storage": Decimal(), "pods": Decimal(1)}
    for container in pod["spec"]["containers"]:
        for key, amount in _amounts(container.get("resources", {}).get("requests", {})).items():
            asked[key] = asked.get(key, Decimal()) + amount
    return asked


def _amounts(quantities: Mapping[str, str]) -> Amounts:
    return {key: parse_quantity(str(text)) or Decimal() for key, text in quantities.items()}


def _new_node(store: ClusterStore, region: str, instances: Instances | None, now: datetime) -> str | None:
    """A node of our pool, of the cheapest type that it names, in the first of its zones; None at the pool's limits."""
    pool = store.get(POOLS, None, NODE_POOL)
    if pool is None:
        return None
    template = pool["spec"]["template"]
    node_class = store.get(CLASSES, None, template["spec"]["nodeClassRef"]["name"])
    if node_class is None:
        return None
    wanted = {one["key"]: one.get("values", []) for one in template["spec"]["requirements"]}
    types = [name for name in wanted.get(_TYPE_LABEL, ()) if name in INSTANCE_TYPES]
    if not types:
        return None
    chosen = min(types, key=lambda name: INSTANCE_TYPES[name].usd_per_hour.get(region, Decimal("Infinity")))
    size = INSTANCE_TYPES[chosen]
    capacity = {"cpu": str(size.vcpu), "memory": f"{size.memory_gib}Gi"}
    used = [_amounts(claim["status"]["capacity"]) for claim in _claims(store)]
    needed, limits = _amounts(capacity), _amounts(pool["spec"].get("limits", {}))
    if any(sum((one[key] for one in used), needed[key]) > limits[key] for key in needed.keys() & limits.keys()):
        return None

    claim = f"{NODE_POOL}-{secrets.token_hex(3)}"
    zone = next(iter(wanted.get(_ZONE_LABEL, ())), f"{region}a")
    instance = f"i-{secrets.token_hex(8)}"
    if instances is not None:
        instance = instances.launch(region, zone, chosen, claim, NODE_POOL, now)
    labels = {
        **template.get("metadata", {}).get("labels", {}),
        NODE_POOL_LABEL: NODE_POOL,
        "karpenter.sh/capacity-type": "on-demand",
        _TYPE_LABEL: chosen,
        "topology.kubernetes.io/region": region,
        _ZONE_LABEL: zone,
    }
    allocatable = {
        "cpu": f"{size.allocatable_millicores}m",
        "memory": f"{size.allocatable_mib}Mi",
        "ephemeral-storage": _storage(node_class),
        "pods": str(node_class["spec"].get("kubelet", {}).get("maxPods", size.pods)),
    }
    node, provider = _free_name(store, region), f"aws:///{zone}/{instance}"
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
        _MANAGER,
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
        _MANAGER,
    )
    return node


def _free_name(store: ClusterStore, region: str) -> str:
    taken = {node["metadata"]["name"] for node in store.list(NODES)}
    names = (f"ip-10-0-9-{host}.{region}.compute.internal" for host in range(_FIRST_HOST, 1000))
    return next(name for name in names if name not in taken)


def _storage(node_class: Manifest) -> str:
    """What the kubelet offers of the volume on its device, in bytes."""
    family = str(node_class["spec"]["amiSelectorTerms"][0]["alias"]).partition("@")[0]
    device = ephemeral_device({"bottlerocket": "Bottlerocket", "al2023": "AL2023"}[family])
    volume = next(
        one["ebs"]["volumeSize"] for one in node_class["spec"]["blockDeviceMappings"] if one["deviceName"] == device
    )
    return str(int(allocatable_gib(int(str(volume).removesuffix("Gi"))) * 1024**3))
