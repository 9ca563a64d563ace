"""What really runs in a cluster: nodes with their storage, pods with their images, and what Karpenter says of both."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from importlib import import_module
from typing import Any, Final

from lightkube.resources.admissionregistration_v1 import ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding
from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.autoscaling_v2 import HorizontalPodAutoscaler
from lightkube.resources.core_v1 import Namespace, Node, Pod, ResourceQuota
from lightkube.utils.quantity import parse_quantity

from workshop.model.window.other_pools import ClassSpec, PoolSpec
from workshop.model.workspace_pods import (
    NODE_POOL_LABEL,
    WORKSPACE_ID_LABEL,
    has_workspace_id,
    is_unfinished,
    is_workspace,
    labels_of,
    waits_for_workspace_node,
)
from workshop.observe.cluster import NODE_CLASS, NODE_POOL, SCALED_OBJECT, Cluster, Manifest
from workshop.observe.live_objects import Autoscaler, KarpenterState, LiveNode, LivePod, OtherPool
from workshop.observe.node_room import room_for_more

_GIB: Final = 1024**3


def _learn_kinds() -> None:
    """Has lightkube's decoders learn the kinds that are read here, in one thread.

    They learn a kind when they first meet it, and when two threads do that at once the process crashes (msgspec 0.22).
    """
    decoders: Any = import_module("lightkube.core.decoders")
    ours = (NODE_POOL, NODE_CLASS, SCALED_OBJECT, ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding)
    for kind in (Namespace, Node, Pod, Deployment, ResourceQuota, HorizontalPodAutoscaler, *ours):
        decoders.decode_list(b'{"items": [], "metadata": {}}', kind)
    decoders.decode_status(b"{}")


_learn_kinds()


class LiveCluster(Cluster):
    """Answers what runs; errors as in Cluster."""

    def live_nodes(self, pool: str) -> tuple[LiveNode, ...]:
        """A node pool's nodes, with the workspaces that are on them."""
        on_node = [
            pod["spec"].get("nodeName")
            for pod in self._list(Pod, namespace="*")
            if is_unfinished(pod) and is_workspace(pod, is_on_workspace_node=True)
        ]
        return tuple(
            LiveNode(
                name=node["metadata"]["name"],
                is_ready=_is_true(node, "Ready"),
                is_cordoned=_is_cordoned(node),
                allocatable_gib=_gib(node.get("status", {}).get("allocatable", {}).get("ephemeral-storage", "0")),
                workspaces=on_node.count(node["metadata"]["name"]),
                max_pods=int(node.get("status", {}).get("allocatable", {}).get("pods", "0")),
                image_digests=frozenset(_digests(node)),
                images_gib=Decimal(sum(image.get("sizeBytes", 0) for image in _images(node))) / _GIB,
            )
            for node in self._list(Node, labels={NODE_POOL_LABEL: pool})
        )

    def workspace_pods(self, pool: str) -> tuple[LivePod, ...]:
        """The workspaces on a node pool's nodes, and those that wait for a node that takes them."""
        pods = [pod for pod in self._list(Pod, namespace="*") if is_unfinished(pod)]
        nodes = set(self.nodes_of_pool(pool))
        return tuple(
            _pod(pod)
            for pod in pods
            if waits_for_workspace_node(pod)
            or (pod["spec"].get("nodeName") in nodes and is_workspace(pod, is_on_workspace_node=True))
        )

    def refuses_by(self, policy: str) -> bool:
        """Whether a ValidatingAdmissionPolicy is there, and a binding of its name that refuses."""
        spec = self._get(ValidatingAdmissionPolicyBinding, policy)["spec"]
        is_bound = spec.get("policyName") == policy and "Deny" in spec.get("validationActions", ())
        return is_bound and bool(self._get(ValidatingAdmissionPolicy, policy))

    def pods_of(self, namespace: str, deployment: str) -> tuple[LivePod, ...]:
        """The pods that a Deployment selects. Raises NotFound where there is no such Deployment."""
        labels = self._get(Deployment, deployment, namespace)["spec"]["selector"]["matchLabels"]
        return self._pods(namespace, labels)

    def room_for_more(self, namespace: str, deployment: str) -> int | None:
        """How many more of a Deployment's pods fit on the nodes that have some; None where no node has one."""
        labels = self._get(Deployment, deployment, namespace)["spec"]["selector"]["matchLabels"]
        ours = [pod for pod in self._list(Pod, namespace=namespace, labels=labels) if is_unfinished(pod)]
        others = [pod for pod in self._list(Pod, namespace="*") if is_unfinished(pod)]
        return room_for_more(ours, self._list(Node), others)

    def pool_of_workspace(self, workspace_id: str) -> str:
        """The node pool that one of Coder's workspaces runs on; "" where it has no pod on a node of any."""
        for pod in self._list(Pod, namespace="*"):
            node = pod["spec"].get("nodeName")
            if node and is_unfinished(pod) and has_workspace_id(pod, workspace_id):
                return self._get(Node, node)["metadata"].get("labels", {}).get(NODE_POOL_LABEL, "")
        return ""

    def karpenter_state(self, name: str) -> KarpenterState:
        """Of the node pool and the node class of this name. Raises NotFound where one of them does not exist."""
        found = (("NodePool", self._get(NODE_POOL, name)), ("EC2NodeClass", self._get(NODE_CLASS, name)))
        return KarpenterState(
            problems={key: why for word, one in found for key, why in _problems(word, one)},
            stale=tuple(key for word, one in found for key in _stale(word, one)),
        )

    def quota_left(self, namespace: str) -> Mapping[tuple[str, str], Decimal]:
        """What each ResourceQuota of a namespace leaves, by its name and the resource; bytes and whole cores.

        Quotas that count only some pods are taken for what they say.
        """
        return {
            (quota["metadata"]["name"], resource): _amount(hard) - _amount(used.get(resource, "0"))
            for quota in self._list(ResourceQuota, namespace=namespace)
            for used in (quota.get("status", {}).get("used", {}),)
            for resource, hard in quota["spec"].get("hard", {}).items()
        }

    def autoscalers(self, namespace: str) -> tuple[Autoscaler, ...]:
        """Those of a namespace's Deployments."""
        return tuple(
            Autoscaler(
                name=one["metadata"]["name"],
                deployment=one["spec"]["scaleTargetRef"]["name"],
                least=one["spec"].get("minReplicas", 1),
                most=one["spec"]["maxReplicas"],
            )
            for one in self._list(HorizontalPodAutoscaler, namespace=namespace)
            if one["spec"]["scaleTargetRef"]["kind"] == "Deployment"
        )

    def other_pools(self, known: Collection[str]) -> tuple[OtherPool, ...]:
        """Every node pool but these."""
        nodes = [node for node in self._list(Node) if labels_of(node).get(NODE_POOL_LABEL)]
        classes = {one["metadata"]["name"]: one.get("spec", {}) for one in self._list(NODE_CLASS)}
        pools = ((pool["metadata"]["name"], pool["spec"]) for pool in self._list(NODE_POOL))
        return tuple(
            _other_pool(name, spec, classes, [node for node in nodes if labels_of(node)[NODE_POOL_LABEL] == name])
            for name, spec in pools
            if name not in known
        )

    def _pods(self, namespace: str, labels: Mapping[str, str]) -> tuple[LivePod, ...]:
        return tuple(_pod(pod) for pod in self._list(Pod, namespace=namespace, labels=labels) if is_unfinished(pod))


def _other_pool(name: str, spec: Manifest, classes: Mapping[str, Manifest], nodes: Iterable[Manifest]) -> OtherPool:
    node_class = classes.get(spec["template"]["spec"]["nodeClassRef"]["name"])
    return OtherPool(
        name=name,
        spec=PoolSpec.model_validate(spec),
        node_class=None if node_class is None else ClassSpec.model_validate(node_class),
        open_nodes=tuple(node["metadata"]["name"] for node in nodes if not _is_cordoned(node)),
        born=tuple(born for node in nodes if (born := _born(node))),
    )


def _problems(word: str, found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """A condition that is not True; one about nodes that register is unknown until the first was started."""
    if found["metadata"].get("deletionTimestamp"):
        yield word, "is being deleted"
    conditions: list[Mapping[str, Any]] = found.get("status", {}).get("conditions", [])
    if not any(one["type"] == "Ready" for one in conditions):
        yield f"{word} Ready", "Karpenter has not reported a condition yet"
    for one in conditions:
        if one["status"] != "True" and (one["type"], one["status"]) != ("NodeRegistrationHealthy", "Unknown"):
            yield f"{word} {one['type']}", str(one.get("message") or one.get("reason") or one["status"])


def _stale(word: str, found: Mapping[str, Any]) -> Iterator[str]:
    now = found["metadata"].get("generation", 0)
    for one in found.get("status", {}).get("conditions", []):
        if one.get("observedGeneration", now) < now:
            yield f"{word} {one['type']} of generation {one['observedGeneration']}, it is {now}"


def _images(node: Manifest) -> Sequence[Mapping[str, Any]]:
    return node.get("status", {}).get("images") or ()


def _digests(node: Manifest) -> Iterator[str]:
    """Of images that are on a node."""
    for image in _images(node):
        for name in image.get("names") or ():
            if "@" in name:
                yield name.rpartition("@")[2]


def _is_cordoned(node: Mapping[str, Any]) -> bool:
    return bool(node.get("spec", {}).get("unschedulable"))


def _born(node: Mapping[str, Any]) -> datetime | None:
    created = node["metadata"].get("creationTimestamp")
    return datetime.fromisoformat(str(created)) if created else None


def _pod(manifest: Mapping[str, Any]) -> LivePod:
    status = manifest.get("status", {})
    containers: list[Mapping[str, Any]] = status.get("containerStatuses", [])
    ends = [ended["finishedAt"] for one in containers if (ended := one.get("lastState", {}).get("terminated"))]
    return LivePod(
        name=manifest["metadata"]["name"],
        node=manifest.get("spec", {}).get("nodeName", ""),
        phase=status.get("phase", "Unknown"),
        is_ready=_is_true(manifest, "Ready"),
        image_ids={one["name"]: one.get("imageID", "") for one in containers},
        workspace_id=labels_of(manifest).get(WORKSPACE_ID_LABEL, ""),
        restarted_at=max(map(datetime.fromisoformat, ends), default=None),
        waiting=next((why for one in containers if (why := one.get("state", {}).get("waiting", {}).get("reason"))), ""),
    )


def _is_true(manifest: Mapping[str, Any], condition: str) -> bool:
    conditions: list[Mapping[str, Any]] = manifest.get("status", {}).get("conditions", [])
    return any(one["type"] == condition and one["status"] == "True" for one in conditions)


def _gib(quantity: str) -> Decimal:
    return _amount(quantity) / _GIB


def _amount(quantity: str) -> Decimal:
    return parse_quantity(quantity) or Decimal(0)
