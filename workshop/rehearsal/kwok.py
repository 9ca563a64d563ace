"""Our pool on a class that Karpenter's kwok provider knows, and DaemonSets on its nodes as the plan counts them."""

from __future__ import annotations

from typing import Final

from workshop.model.names import NODE_POOL
from workshop.model.rehearsal.cluster import KWOK_CLASS, on_kwok
from workshop.model.settings.workspaces import DaemonSetOverhead
from workshop.sandbox.clusters.store import ApiServerStore
from workshop.sandbox.json_values import Json
from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.manifests.merging import Manifest
from workshop.sandbox.problem import SandboxProblem

MANAGER: Final = "rehearsal"
"""Field manager of what a rehearsal adds, and the namespace that it is in."""

_POOL: Final = kind_of("karpenter.sh/v1", "NodePool")


def put_on_kwok(store: ApiServerStore, overhead: DaemonSetOverhead, nodes_fewer: int) -> None:
    """Makes the pool that `up` declared anew on that class. Raises ClusterRefusal, SandboxProblem."""
    pool = store.get(_POOL, None, NODE_POOL)
    if pool is None:
        raise SandboxProblem(f"up declared no NodePool {NODE_POOL}")
    prepare(store)
    store.delete(_POOL, None, NODE_POOL)
    store.create(on_kwok(pool, nodes_fewer), MANAGER)
    for daemon_set in daemon_sets(overhead):
        store.create(daemon_set, MANAGER)


def prepare(store: ApiServerStore) -> None:
    """Makes the class and the namespace. Raises ClusterRefusal."""
    store.create(
        {
            "apiVersion": f"{KWOK_CLASS['group']}/v1alpha1",
            "kind": KWOK_CLASS["kind"],
            "metadata": {"name": KWOK_CLASS["name"]},
        },
        MANAGER,
    )
    store.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": MANAGER}}, MANAGER)


def daemon_sets(overhead: DaemonSetOverhead) -> list[Manifest]:
    """As many as the plan counts pods; the first asks for all that they take together.

    As those of EKS they tolerate everything and come before other pods: they are on a node before it is ready.
    """
    return [_daemon_set(number, overhead) for number in range(overhead.pods)]


def _daemon_set(number: int, overhead: DaemonSetOverhead) -> Manifest:
    labels = {"app": f"daemon-{number}"}
    requests: dict[str, Json] = {}
    if number == 0:
        requests = {"cpu": f"{overhead.cpu_millicores}m", "memory": f"{overhead.memory_mib}Mi"}
    container = {"name": "main", "image": "example/daemon:1", "resources": {"requests": requests}}
    spec: dict[str, Json] = {
        "nodeSelector": {"karpenter.sh/nodepool": NODE_POOL},
        "tolerations": [{"operator": "Exists"}],
        "priorityClassName": "system-node-critical",
        "containers": [container],
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {"name": f"daemon-{number}", "namespace": MANAGER},
        "spec": {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": spec}},
    }
