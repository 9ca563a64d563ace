"""Objects of clusters with nodes, and what comes of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TypeVar

from tests.clusters.objects import NODE_POOL, deployment
from workshop.model.instances import INSTANCE_TYPES, ZONES
from workshop.model.names import NODE_POOL as POOL
from workshop.model.names import NODE_TAINT
from workshop.sandbox.clusters.platform import KWOK_GROUP
from workshop.sandbox.clusters.store import ApiServerStore
from workshop.sandbox.json_values import Json
from workshop.sandbox.manifests.kinds import Kind, kind_of
from workshop.sandbox.manifests.merging import Manifest

POD, NODE, EVENT, JOB = (
    kind_of(version, name) for version, name in (("v1", "Pod"), ("v1", "Node"), ("v1", "Event"), ("batch/v1", "Job"))
)
STORAGE_GIB = 179
OHIO = "coder-ohio"
NODE_CLASS: Manifest = {"apiVersion": f"{KWOK_GROUP}/v1alpha1", "kind": "KWOKNodeClass", "metadata": {"name": "any"}}
AT = "nodes"
Found = TypeVar("Found")


def instance_types(region: str) -> list[Json]:
    """This project's catalogue as Karpenter's kwok provider reads it, which takes 100m and 10Mi off what it reads."""
    return [
        {
            "name": name,
            "architecture": "amd64",
            "operatingSystems": ["linux"],
            "resources": {
                "cpu": f"{found.allocatable_millicores + 100}m",
                "memory": f"{found.allocatable_mib + 10}Mi",
                "ephemeral-storage": f"{STORAGE_GIB}Gi",
                "pods": "58",
            },
            "offerings": [
                {
                    "Price": float(found.usd_per_hour[region]),
                    "Available": True,
                    "Requirements": [
                        {"key": "karpenter.sh/capacity-type", "operator": "In", "values": ["on-demand"]},
                        {"key": "topology.kubernetes.io/zone", "operator": "In", "values": [zone]},
                    ],
                }
                for zone in sorted(ZONES[region])
            ],
        }
        for name, found in INSTANCE_TYPES.items()
    ]


def translate_pool(store: ApiServerStore, limits: Mapping[str, str], consolidate_after: str | None = None) -> None:
    """Puts a copy of this project's pool in its place, with nodes of the kwok provider's class.

    consolidate_after: how long a node has to be empty before it may go; as declared unless it is given.
    """
    pool = store.get(NODE_POOL, None, POOL)
    assert pool is not None
    store.delete(NODE_POOL, None, POOL)
    reference = {"group": KWOK_GROUP, "kind": NODE_CLASS["kind"], "name": "any"}
    spec = pool["spec"]
    spec["template"]["spec"]["nodeClassRef"] = reference
    if consolidate_after is not None:
        spec["disruption"]["consolidateAfter"] = consolidate_after
    metadata = {"name": POOL, "labels": pool["metadata"]["labels"]}
    store.create({**identity(NODE_POOL), "metadata": metadata, "spec": {**spec, "limits": dict(limits)}}, "tests")


def identity(kind: Kind) -> dict[str, Json]:
    return {"apiVersion": kind.api_version, "kind": kind.name}


def at(manifest: Manifest) -> Manifest:
    return {**manifest, "metadata": {**manifest["metadata"], "namespace": AT}}


def pod_template(restart: str = "Never", **annotations: str) -> Manifest:
    container = {"name": "main", "image": "example/dev:1", "env": [{"name": "GREETING", "value": "hello"}]}
    spec = {"restartPolicy": restart, "containers": [container]}
    return {
        "metadata": {
            "annotations": {f"kubelet.sandbox/{name.replace('_', '-')}": value for name, value in annotations.items()}
        },
        "spec": spec,
    }


def pod(name: str, **annotations: str) -> Manifest:
    """One that runs until it is deleted."""
    template = pod_template("Always", **annotations)
    return {**identity(POD), **template, "metadata": {**template["metadata"], "name": name, "namespace": AT}}


def job(name: str, **annotations: str) -> Manifest:
    spec = {"backoffLimit": 0, "template": pod_template(**annotations)}
    return {**identity(JOB), "metadata": {"name": name, "namespace": AT}, "spec": spec}


def workspaces(name: str, replicas: int) -> Manifest:
    """Of 4 vCPU, 8 GiB and 20 GiB of disk each, on this project's nodes."""
    made = at(deployment(name, replicas=replicas))
    size = {"cpu": "4", "memory": "8Gi", "ephemeral-storage": "20Gi"}
    made["spec"]["template"]["spec"] |= {
        "nodeSelector": {"karpenter.sh/nodepool": POOL},
        "tolerations": [{"key": NODE_TAINT["key"], "operator": "Exists"}],
        "containers": [{"name": "main", "image": "example/dev:1", "resources": {"requests": size, "limits": size}}],
    }
    return made


def eventually(look: Callable[[], Found | None], seconds: float = 60) -> Found:
    """The first answer that isn't none, empty or false."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, look
        time.sleep(0.2)
    return found


def running(store: ApiServerStore, prefix: str, count: int) -> list[Manifest]:
    """The pods whose names begin so, once that many run; empty before."""
    found = [each for each in store.list(POD, AT) if each["metadata"]["name"].startswith(prefix)]
    ready = [each for each in found if each["status"].get("phase") == "Running"]
    return ready if len(ready) == count else []
