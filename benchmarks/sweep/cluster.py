"""One region's cluster, on which case after case is judged by Karpenter from an empty pool."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from workshop.model.names import NODE_POOL
from workshop.model.rehearsal.cluster import instance_types, on_kwok
from workshop.model.rehearsal.rehearsal import Rehearsal
from workshop.rehearsal.kwok import MANAGER, daemon_sets
from workshop.sandbox.clusters.api import MERGE_PATCH, Api
from workshop.sandbox.clusters.control_plane import ControlPlanes, karpenter
from workshop.sandbox.clusters.processes import end
from workshop.sandbox.clusters.store import ApiServerStore, path_of
from workshop.sandbox.json_values import Json
from workshop.sandbox.manifests.kinds import Kind, kind_of
from workshop.sandbox.manifests.merging import ClusterRefusal, Manifest
from workshop.sandbox.pods.workspaces import WorkspacePod, deployment_of

_PODS, _NODES = kind_of("v1", "Pod"), kind_of("v1", "Node")
_CLAIMS, _POOLS = kind_of("karpenter.sh/v1", "NodeClaim"), kind_of("karpenter.sh/v1", "NodePool")
_DAEMON_SETS: Final = kind_of("apps/v1", "DaemonSet")
_PATIENCE_SECONDS: Final = 60
"""Without anything new, before what waits is taken for stuck."""

_LOOK_SECONDS: Final = 0.3
_AT_ONCE: Final = 8


@dataclass(frozen=True, kw_only=True)
class Launched:
    """nodes: by name, their instance type; placed: workspaces on each. waiting: workspaces without a node."""

    nodes: Mapping[str, str]
    placed: Mapping[str, int]
    waiting: int


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """region: whose cluster it is, reached by api on a port; planes start its Karpenter."""

    region: str
    context: str
    api: Api
    port: int
    planes: ControlPlanes

    def launch(self, rehearsal: Rehearsal, pool: Manifest) -> Launched:
        """What Karpenter launches when everybody is there at once, in shapes that they choose by the stack's seed.

        Pods are there before Karpenter is, so that it decides about all of them together. Raises ClusterRefusal.
        """
        self._clear()
        users = rehearsal.plan.regions[self.region].nodes.users
        store = ApiServerStore(self.api)
        for daemon_set in daemon_sets(rehearsal.settings.daemonset_overhead):
            store.create(daemon_set, MANAGER)
        self._each(lambda pod: self.api.request("POST", path_of(_PODS, MANAGER), pod), _workspaces(rehearsal, users))
        store.create(on_kwok(pool), MANAGER)
        catalogue = self.planes.folder / f"{self.context}.types.json"
        catalogue.write_text(json.dumps(instance_types(rehearsal, self.region)), encoding="utf-8")
        self.planes.start_karpenter(self.context, self.port, catalogue)
        return self._settled(store)

    def _settled(self, store: ApiServerStore) -> Launched:
        seen, last_news = self._look(store), time.monotonic()
        while seen.waiting and time.monotonic() < last_news + _PATIENCE_SECONDS:
            time.sleep(_LOOK_SECONDS)
            before, seen = seen, self._look(store)
            last_news = last_news if seen == before else time.monotonic()
        return seen

    def _look(self, store: ApiServerStore) -> Launched:
        claims = [claim["metadata"].get("labels", {}) for claim in store.list(_CLAIMS)]
        pods = [pod for pod in store.list(_PODS, MANAGER) if "ownerReferences" not in pod["metadata"]]
        placed = Counter(pod["spec"]["nodeName"] for pod in pods if "nodeName" in pod["spec"])
        types = {str(place): labels["node.kubernetes.io/instance-type"] for place, labels in enumerate(claims)
                 if "node.kubernetes.io/instance-type" in labels}  # fmt: skip
        # A claim that has no type yet is not launched yet.
        waiting = len(pods) - sum(placed.values()) + len(claims) - len(types)
        return Launched(nodes=types, placed=dict(placed), waiting=waiting)

    def _clear(self) -> None:
        """Ends Karpenter, then takes away what it would have had to let go of."""
        end(self.planes.folder, [karpenter(self.context)])
        for kind, namespace in ((_DAEMON_SETS, MANAGER), (_PODS, MANAGER), (_POOLS, None), (_CLAIMS, None)):
            self._delete_all(kind, namespace)
        self._delete_all(_NODES, None, {"labelSelector": f"karpenter.sh/nodepool={NODE_POOL}"})

    def _delete_all(self, kind: Kind, namespace: str | None, query: Mapping[str, str] | None = None) -> None:
        now: Json = {"gracePeriodSeconds": 0, "propagationPolicy": "Background"}

        def let_go(name: str) -> None:
            body: Json = {"metadata": {"finalizers": None}}
            self.api.request("PATCH", path_of(kind, namespace, name), body, content_type=MERGE_PATCH)

        while found := self.api.request("GET", path_of(kind, namespace), query=query)["items"]:
            held = [one["metadata"]["name"] for one in found if one["metadata"].get("finalizers")]
            self._each(let_go, held)
            self.api.request("DELETE", path_of(kind, namespace), now, query=query)

    def _each(self, call: Callable[[Any], object], items: list[Any]) -> None:
        with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
            for done in [pool.submit(call, item) for item in items]:
                try:
                    done.result()
                except ClusterRefusal as refusal:
                    if refusal.reason != "NotFound":  # gone by itself
                        raise


def _workspaces(rehearsal: Rehearsal, users: int) -> list[Manifest]:
    chance = Random(rehearsal.seed)  # noqa: S311 - no secret
    workspaces = rehearsal.settings.workspaces
    pods: list[Manifest] = []
    for number in range(users):
        shape = chance.choice(workspaces.shapes)
        name = f"workshop-{number:03d}"
        template = deployment_of(
            WorkspacePod(
                workspace_id=name,
                workspace_name=name,
                owner_id=name,
                owner_name=name,
                namespace=MANAGER,
                vcpu=shape.vcpu,
                memory_gib=shape.memory_gib,
                storage_gib=workspaces.storage_gib,
                agent_token="",
            )
        )["spec"]["template"]
        metadata = {**template["metadata"], "name": name}
        pods.append({"apiVersion": "v1", "kind": "Pod", **template, "metadata": metadata})
    return pods
