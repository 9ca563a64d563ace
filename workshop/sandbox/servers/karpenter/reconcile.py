"""Karpenter, the scheduler and the kubelet as far as workspaces need them, in clusters that are folders of manifests.

Pods of workspaces' Deployments are placed where there is room; where there is none, our pool gets a NodeClaim, its Node
and an EC2 instance, within the pool's limits. Of these three, whichever goes takes the others and its pods with it, and
a Deployment whose pod is gone gets another one. An empty node stays: ending it is the keeper's.

Where clusters have API servers, their own controllers do all that, and only EC2 instances are played: one for each
NodeClaim of our pool.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Final

from workshop.model.names import NODE_POOL
from workshop.model.workspace_pods import NODE_POOL_LABEL, is_workspace_taint, labels_of
from workshop.sandbox.json_values import Json
from workshop.sandbox.manifests.kinds import Kind
from workshop.sandbox.manifests.merging import ClusterRefusal, Manifest
from workshop.sandbox.manifests.store import ClusterStore
from workshop.sandbox.pods.running import running_status
from workshop.sandbox.pods.workspaces import DEPLOYMENTS, PODS, workspace_of
from workshop.sandbox.servers.aws.instances import Instances
from workshop.sandbox.servers.karpenter.launch import (
    CLAIMS,
    MANAGER,
    NODES,
    POOLS,
    TYPE_LABEL,
    ZONE_LABEL,
    Amounts,
    amounts,
    claims_of_pool,
    launch_node,
)

_RESOURCES: Final = ("cpu", "memory", "ephemeral-storage", "pods")


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
    """On an API server: an instance for every NodeClaim of our pool, which goes with its claim and takes it along."""
    claims = {claim["metadata"]["name"]: claim for claim in claims_of_pool(store)}
    machines = {machine.claim: machine for machine in instances.machines(region)}
    for name, claim in claims.items():
        if claim["metadata"].get("deletionTimestamp"):
            continue
        labels = labels_of(claim)
        if name not in machines and TYPE_LABEL in labels:
            zone = labels.get(ZONE_LABEL, f"{region}a")
            instances.launch(region, zone, labels[TYPE_LABEL], name, NODE_POOL, now)
        elif name in machines and machines[name].is_gone:
            begin_deletion(store, CLAIMS, None, name)
    for name, machine in machines.items():
        if name not in claims and not machine.is_gone:
            instances.terminate(region, machine.id, now)


def begin_deletion(store: ClusterStore, kind: Kind, namespace: str | None, name: str) -> None:
    """Deletes it, and isn't there for its end where the store doesn't wait. Raises ClusterRefusal."""
    try:
        store.delete(kind, namespace, name)
    except ClusterRefusal as refusal:
        if refusal.reason != "Timeout":
            raise


def release_pod(store: ClusterStore, namespace: str, deployment: str) -> None:
    """Deletes a Deployment and its pod."""
    store.delete(DEPLOYMENTS, namespace, deployment)
    store.delete(PODS, namespace, _pod_name(deployment))


def _pod_name(deployment: str) -> str:
    """By which pods of Deployments are listed here (workshop/sandbox/pods/running.py)."""
    return f"{deployment}-0"


def _workspace_pods(store: ClusterStore) -> list[Manifest]:
    return [pod for pod in store.list(PODS) if workspace_of(pod)]


def _end_claims(store: ClusterStore, region: str, instances: Instances | None, now: datetime) -> None:
    """Claim, node and instance go together, and with their pool."""
    machines = {machine.claim: machine for machine in (instances.machines(region) if instances else ())}
    nodes = {node["metadata"]["name"]: node for node in store.list(NODES)}
    claims: dict[str, Manifest] = {}
    has_pool = any(pool["metadata"]["name"] == NODE_POOL for pool in store.list(POOLS))
    for claim in claims_of_pool(store):
        name = claim["metadata"]["name"]
        has_node = claim["status"]["nodeName"] in nodes
        if not (has_pool and has_node) or (name in machines and machines[name].is_gone):
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
    claims = [amounts(claim["status"]["capacity"]) for claim in claims_of_pool(store)]
    total = {key: str(int(sum((one[key] for one in claims), Decimal()))) for key in ("cpu", "memory")}
    status: dict[str, Json] = pool.get("status", {})
    resources = {**total, "nodes": str(len(claims))}
    if status.get("resources", resources if not claims else None) != resources:
        store.set_status({**pool, "status": {**status, "resources": resources}}, MANAGER)


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
    node = _node_with_room(store, pod) or launch_node(store, region, instances, now)
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
        has, taken = amounts(node["status"]["allocatable"]), there.get(node["metadata"]["name"], {})
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
        for key, amount in amounts(container.get("resources", {}).get("requests", {})).items():
            asked[key] = asked.get(key, Decimal()) + amount
    return asked
