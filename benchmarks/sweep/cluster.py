"""One region's cluster, on which case after case is judged by Karpenter from an empty pool.

Nothing runs there but an API server, the scheduler, which says of a pod that it has no node, and Karpenter, which then
decides what to launch for all of them. No node becomes ready, so no pod is bound.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
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
"""Without any node, before nothing is expected any more."""

_SETTLED_SECONDS: Final = 2
_OTHER_SECONDS: Final = 15
"""Without anything new, before it is taken for Karpenter's decision: as planned, and not so."""

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
    """nodes: by name, their instance type. unlaunched: that Karpenter wanted and has not got. refused: workspaces for
    which it launches nothing, by its reason."""

    nodes: Mapping[str, str]
    unlaunched: int
    refused: Mapping[str, int]

    @property
    def waiting(self) -> int:
        """What has no place."""
        return self.unlaunched + sum(self.refused.values())


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
        self._each(
            lambda pod: self.api.request("POST", path_of(_PODS, MANAGER), pod),
            _workspaces(rehearsal, self.region, users),
        )
        store.create(on_kwok(pool), MANAGER)
        catalogue = self.planes.folder / f"{self.context}.types.json"
        catalogue.write_text(json.dumps(instance_types(rehearsal, self.region)), encoding="utf-8")
        self.planes.start_karpenter(self.context, self.port, catalogue)
        return self._settled(store, rehearsal.plan.regions[self.region].nodes.nodes)

    def _settled(self, store: ApiServerStore, planned: int) -> Launched:
        """Once nothing has changed for a while; where it is not what was planned, for longer."""
        seen, last_news = self._look(store), time.monotonic()
        while True:
            patience = _PATIENCE_SECONDS if not seen.nodes else _OTHER_SECONDS
            if len(seen.nodes) == planned and not seen.waiting:
                patience = _SETTLED_SECONDS
            if time.monotonic() > last_news + patience:
                return seen
            time.sleep(_LOOK_SECONDS)
            before, seen = seen, self._look(store)
            last_news = last_news if seen == before else time.monotonic()

    def _look(self, store: ApiServerStore) -> Launched:
        types = {
            claim["metadata"]["name"]: claim["metadata"].get("labels", {}).get("node.kubernetes.io/instance-type")
            for claim in store.list(_CLAIMS)
        }
        refused = {
            event["involvedObject"]["name"]: event["message"]
            for event in store.list(_EVENTS, MANAGER)
            if event["reason"] == "FailedScheduling" and event.get("source", {}).get("component") == "karpenter"
        }
        return Launched(
            nodes={name: kind for name, kind in types.items() if kind},
            unlaunched=sum(kind is None for kind in types.values()),
            refused=dict(Counter(refused.values())),
        )

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


def _workspaces(rehearsal: Rehearsal, region: str, users: int) -> list[Manifest]:
    workspaces = rehearsal.settings.workspaces
    pods: list[Manifest] = []
    for number in range(users):
        shape = rehearsal.shape_of(region, number)
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
