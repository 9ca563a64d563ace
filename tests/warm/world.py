"""A cluster of the sandbox in which time passes: its controllers, its scheduler, Karpenter and a kubelet, played.

Pods of the Deployment wait for a node each; Karpenter starts one for each that waits, which is Ready a minute later;
then images take two more.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from workshop.model.names import NODE_POOL, WARM_GATE, WARM_NODES
from workshop.sandbox.manifests.kinds import Kind, kind_of
from workshop.sandbox.manifests.merging import Manifest
from workshop.sandbox.manifests.store import ManifestStore

BOOT, PULL = timedelta(minutes=1), timedelta(minutes=2)
POD, NODE, DEPLOYMENT = kind_of("v1", "Pod"), kind_of("v1", "Node"), kind_of("apps/v1", "Deployment")


@dataclass
class World:
    """now: the time there. launched: nodes that Karpenter has started, ever. pulls: whether images can be pulled.

    guests: nodes on which somebody's workspaces are. awaited: pods for which a node was started.
    """

    store: ManifestStore
    now: datetime
    launched: int = 0
    pulls: bool = True
    pull_time: timedelta = PULL
    guests: set[str] = field(default_factory=set[str])
    awaited: set[str] = field(default_factory=set[str])
    numbers: count[int] = field(default_factory=count)

    def declare(self) -> None:
        """What `up` declares, as far as it is read here."""
        self.store.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": WARM_NODES}}, "pulumi")
        metadata = {"name": WARM_NODES, "namespace": WARM_NODES}
        spec: Manifest = {"replicas": 0, "template": {"metadata": {"labels": {}}, "spec": {"containers": []}}}
        self.store.create({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}, "pulumi")

    def clock(self) -> datetime:
        """What the entry point takes for now."""
        return self.now

    def wait(self, seconds: float) -> None:
        """Time passes."""
        self.now += timedelta(seconds=seconds)
        self.play()

    def play(self) -> None:
        """One round of everybody."""
        ours = self.pods()
        for surplus in sorted(ours, key=lambda pod: "nodeName" in pod["spec"])[: max(0, len(ours) - self.replicas())]:
            self.store.delete(POD, WARM_NODES, surplus["metadata"]["name"])
        for _ in range(self.replicas() - len(ours)):
            self._create_pod()
        for pod in self.pods():
            self._schedule(pod)
            self._start(pod)

    def replicas(self) -> int:
        """Of the Deployment."""
        found = self.store.get(DEPLOYMENT, WARM_NODES, WARM_NODES)
        assert found is not None
        return int(found["spec"]["replicas"])

    def pods(self) -> list[Manifest]:
        """Of the Deployment."""
        return [pod for pod in self.store.list(POD) if pod["metadata"].get("namespace") == WARM_NODES]

    def nodes(self) -> list[str]:
        """That are there, or start."""
        return [node["metadata"]["name"] for node in self.store.list(NODE)]

    def start_node(self, *, ready_at: datetime) -> str:
        """A node of our pool."""
        name = f"node-{next(self.numbers)}"
        metadata = {"name": name, "labels": {"karpenter.sh/nodepool": NODE_POOL}}
        status = {"conditions": [_condition("Ready", ready_at, is_true=ready_at <= self.now)]}
        self.store.create({"apiVersion": "v1", "kind": "Node", "metadata": metadata, "spec": {}}, "karpenter")
        self._set_status(NODE, None, name, status)
        self.launched += 1
        return name

    def come_early(self, node: str) -> None:
        """A guest's workspace takes the place of a pod of ours, whose successor is made at once."""
        self.guests.add(node)
        for pod in self.pods():
            if pod["spec"].get("nodeName") == node:
                self.store.delete(POD, WARM_NODES, pod["metadata"]["name"])

    def lose(self, node: str) -> None:
        """A node goes."""
        self.store.delete(NODE, None, node)

    def _create_pod(self) -> None:
        owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": f"{WARM_NODES}-5d", "uid": "1"}
        metadata = {"name": f"{WARM_NODES}-5d-{next(self.numbers)}", "namespace": WARM_NODES}
        owned = {**metadata, "ownerReferences": [{**owner, "controller": True}]}
        spec: Manifest = {"containers": [], "schedulingGates": [{"name": WARM_GATE}]}
        self.store.create({"apiVersion": "v1", "kind": "Pod", "metadata": owned, "spec": spec}, "apps")

    def _schedule(self, pod: Manifest) -> None:
        if "nodeName" in pod["spec"] or pod["spec"].get("schedulingGates"):
            return
        held = {one["spec"].get("nodeName") for one in self.pods()} | self.guests
        for node in self.store.list(NODE):
            condition = node["status"]["conditions"][0]
            is_ready = datetime.fromisoformat(condition["lastTransitionTime"]) <= self.now
            if is_ready and condition["status"] != "True":
                ready = _condition("Ready", self.now, is_true=True)
                self._set_status(NODE, None, node["metadata"]["name"], {"conditions": [ready]})
            if is_ready and node["metadata"]["name"] not in held:
                bound = {key: pod[key] for key in ("apiVersion", "kind")} | {
                    "spec": {"nodeName": node["metadata"]["name"]}
                }
                identity = {key: pod["metadata"][key] for key in ("name", "namespace")}
                self.store.apply({**bound, "metadata": identity}, "scheduler", force=True)
                scheduled = _condition("PodScheduled", self.now)
                self._set_status(POD, WARM_NODES, pod["metadata"]["name"], {"conditions": [scheduled]})
                return
        if pod["metadata"]["name"] not in self.awaited:
            self.awaited.add(pod["metadata"]["name"])
            self.start_node(ready_at=self.now + BOOT)

    def _start(self, pod: Manifest) -> None:
        found = self.store.get(POD, WARM_NODES, pod["metadata"]["name"])
        if found is None or "nodeName" not in found["spec"]:
            return
        (scheduled, *_) = found["status"]["conditions"]
        since = datetime.fromisoformat(scheduled["lastTransitionTime"])
        status: Manifest = {"conditions": [scheduled]}
        if not self.pulls:
            waiting = {"waiting": {"reason": "ImagePullBackOff"}}
            init = {"name": "pull-0", "image": "base-ws", "imageID": "", "ready": False, "restartCount": 0}
            status["initContainerStatuses"] = [{**init, "state": waiting}]
        elif self.now - since >= self.pull_time:
            status["conditions"].append(_condition("Ready", since + self.pull_time))
            if self.pull_time:
                ends = {"place": since, "pull-0": since + self.pull_time}
                status["initContainerStatuses"] = [_ended(name, at) for name, at in ends.items()]
        self._set_status(POD, WARM_NODES, pod["metadata"]["name"], status)

    def _set_status(self, kind: Kind, namespace: str | None, name: str, status: Manifest) -> None:
        found = self.store.get(kind, namespace, name)
        assert found is not None
        self.store.set_status({**found, "status": status}, "kubelet")


def _ended(name: str, at: datetime) -> Manifest:
    """An init container that has ended, to the second, as the kubelet has it."""
    ended = {"exitCode": 0, "finishedAt": at.isoformat(timespec="seconds")}
    return {
        "name": name,
        "image": "base-ws",
        "imageID": "",
        "ready": True,
        "restartCount": 0,
        "state": {"terminated": ended},
    }


def _condition(kind: str, since: datetime, *, is_true: bool = True) -> Manifest:
    return {"type": kind, "status": str(is_true), "lastTransitionTime": since.isoformat()}
