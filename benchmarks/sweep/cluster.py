"""One region's cluster, on which case after case is judged by Karpenter from an empty pool.

Nothing runs there but an API server, the scheduler and Karpenter: pods are bound, and none is run.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import Any, Final
from urllib.parse import urlsplit

from workshop.model.names import NODE_POOL
from workshop.model.rehearsal.cluster import instance_types, on_kwok
from workshop.model.rehearsal.rehearsal import Rehearsal
from workshop.rehearsal.kwok import MANAGER, daemon_sets, prepare
from workshop.sandbox.clusters.api import MERGE_PATCH, Api
from workshop.sandbox.clusters.binaries import commands
from workshop.sandbox.clusters.control_plane import ETCD, ControlPlanes, api_server, karpenter, scheduler
from workshop.sandbox.clusters.lifecycle import rehearsing
from workshop.sandbox.clusters.nodes import Nodes
from workshop.sandbox.clusters.processes import kill, running
from workshop.sandbox.clusters.running import api_servers, folder_of
from workshop.sandbox.clusters.store import ApiServerStore, path_of
from workshop.sandbox.json_values import Json
from workshop.sandbox.manifests.kinds import Kind, kind_of
from workshop.sandbox.manifests.merging import ClusterRefusal, Manifest
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.pods.workspaces import WorkspacePod, deployment_of

_PODS, _NODES, _EVENTS = (kind_of("v1", kind) for kind in ("Pod", "Node", "Event"))
_CLAIMS, _POOLS = kind_of("karpenter.sh/v1", "NodeClaim"), kind_of("karpenter.sh/v1", "NodePool")
_ACCOUNTS: Final = kind_of("v1", "ServiceAccount")
_DAEMON_SETS: Final = kind_of("apps/v1", "DaemonSet")
_PATIENCE_SECONDS: Final = 45
"""Without anything new, before what waits is taken for stuck."""

_REFUSED_SECONDS: Final = 15
"""The same, where Karpenter has said of one that it launches nothing for it."""

_NOT_READY: Final = "node.kubernetes.io/not-ready"
_LOOK_SECONDS: Final = 0.3
_AT_ONCE: Final = 8


REGIONS: Final = {"us-east-2": "coder-ohio", "us-west-2": "coder-oregon", "eu-west-2": "coder-london"}
"""The sandbox's, and their clusters."""

_PLAIN_NODES: Final = 3
"""On which the platform starts, without which no cluster is ready."""


@contextmanager
def clusters_of(
    paths: SandboxPaths, regions: Mapping[str, str], say: Callable[[str], None]
) -> Generator[Mapping[str, Cluster]]:
    """Clusters of these regions, for as long as the block lasts. Raises SandboxProblem."""
    nodes = dict.fromkeys(regions.values(), Nodes(plain=_PLAIN_NODES))
    with rehearsing(paths, nodes, say, is_disposable=True):
        planes = ControlPlanes(folder=folder_of(paths), commands=commands())
        clusters: dict[str, Cluster] = {}
        for region, context in regions.items():
            access = api_servers(paths)[context]
            api = Api(context, access)
            store = ApiServerStore(api)
            prepare(store)
            while store.get(_ACCOUNTS, MANAGER, "default") is None:  # without which there are no pods
                time.sleep(_LOOK_SECONDS)
            port = urlsplit(access.server).port or 0
            clusters[region] = Cluster(region=region, context=context, api=api, port=port, planes=planes)
        kill(
            planes.folder,
            [name for name in running(planes.folder) if not name.startswith((ETCD, api_server(""), scheduler("")))],
        )
        yield clusters


@dataclass(frozen=True, kw_only=True)
class Launched:
    """nodes: by name, their instance type. waiting: workspaces without one; refused: why, in Karpenter's words."""

    nodes: Mapping[str, str]
    waiting: int
    refused: Mapping[str, int]


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
        while seen.waiting and time.monotonic() < last_news + (_REFUSED_SECONDS if seen.refused else _PATIENCE_SECONDS):
            time.sleep(_LOOK_SECONDS)
            before, seen = seen, self._look(store)
            last_news = last_news if seen == before else time.monotonic()
        return seen

    def _look(self, store: ApiServerStore) -> Launched:
        """What there is now; nodes that have come are let to be used."""
        self._each(self._make_ready, [node for node in store.list(_NODES) if _is_ours(node) and _is_not_ready(node)])
        types = {
            claim["metadata"]["name"]: claim["metadata"].get("labels", {}).get("node.kubernetes.io/instance-type")
            for claim in store.list(_CLAIMS)
        }
        pods = store.list(_PODS, MANAGER)
        waiting = {pod["metadata"]["name"] for pod in pods if "nodeName" not in pod["spec"]}
        refused = {
            event["involvedObject"]["name"]: event["message"]
            for event in store.list(_EVENTS, MANAGER)
            if event["reason"] == "FailedScheduling" and event.get("source", {}).get("component") == "karpenter"
        }
        return Launched(
            nodes={name: kind for name, kind in types.items() if kind},
            waiting=len(waiting) or sum(kind is None for kind in types.values()),
            refused=dict(Counter(refused[name] for name in waiting & refused.keys())),
        )

    def _make_ready(self, node: Manifest) -> None:
        """As the controller of nodes does once their kubelet says so."""
        kept: Json = {"spec": {"taints": [one for one in node["spec"]["taints"] if one["key"] != _NOT_READY]}}
        self.api.request("PATCH", path_of(_NODES, None, node["metadata"]["name"]), kept, content_type=MERGE_PATCH)

    def _clear(self) -> None:
        """Ends Karpenter, then takes away what it would have had to let go of."""
        kill(self.planes.folder, [karpenter(self.context)])
        for kind, namespace in (
            *((one, MANAGER) for one in (_DAEMON_SETS, _PODS, _EVENTS)),
            (_POOLS, None),
            (_CLAIMS, None),
        ):
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


def _is_ours(node: Manifest) -> bool:
    return node["metadata"].get("labels", {}).get("karpenter.sh/nodepool") == NODE_POOL


def _is_not_ready(node: Manifest) -> bool:
    return any(one["key"] == _NOT_READY for one in node["spec"].get("taints", []))


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
