"""Pods that run without a container: what they say of themselves, and those of a cluster in a folder.

No controller runs there, so Deployments have theirs when somebody asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from workshop.sandbox.json_values import Json
from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.manifests.merging import Manifest
from workshop.sandbox.manifests.store import ManifestStore
from workshop.sandbox.pods.workspaces import workspace_of

_CONDITIONS: Final = ("PodScheduled", "Initialized", "ContainersReady", "Ready")


def pods_of_deployments(store: ManifestStore, namespace: str | None) -> Iterator[Manifest]:
    """One for every replica, Running on the image that the Deployment names; not where a manifest says otherwise.

    Workspaces' pods are placed on nodes, and have manifests (workshop/sandbox/servers/karpenter/reconcile.py).
    """
    deployments, pods = kind_of("apps/v1", "Deployment"), kind_of("v1", "Pod")
    for deployment in store.list(deployments, namespace):
        if workspace_of(deployment):
            continue
        for number in range(deployment["spec"]["replicas"]):
            pod = _pod(deployment, number)
            if store.get(pods, pod["metadata"]["namespace"], pod["metadata"]["name"]) is None:
                yield pod


def _pod(deployment: Manifest, number: int) -> Manifest:
    template, owner = deployment["spec"]["template"], deployment["metadata"]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": f"{owner['name']}-{number}",
            "namespace": owner["namespace"],
            "uid": f"{owner['uid'][:-4]}{number:04d}",
            "resourceVersion": owner["resourceVersion"],
            "labels": dict(template["metadata"]["labels"]),
        },
        "spec": {**template["spec"], "nodeName": "ip-10-0-0-10"},
        "status": running_status(template["spec"], owner["creationTimestamp"]),
    }


def running_status(spec: Mapping[str, Json], since: str) -> dict[str, Json]:
    """Of a pod whose containers all run since then (UTC, as Kubernetes writes it), on the very images that it names."""
    return {
        "phase": "Running",
        "startTime": since,
        "conditions": [{"type": each, "status": "True", "lastTransitionTime": since} for each in _CONDITIONS],
        "containerStatuses": [
            {
                "name": container["name"],
                "image": container["image"],
                "imageID": container["image"],
                "ready": True,
                "started": True,
                "restartCount": 0,
                "state": {"running": {"startedAt": since}},
            }
            for container in spec["containers"]
        ],
    }


def crashing_status(spec: Mapping[str, Json], since: str) -> dict[str, Json]:
    """Of a pod whose containers end as soon as they are started."""
    running = running_status(spec, since)
    conditions: list[dict[str, Json]] = running["conditions"]
    for condition in conditions:
        if condition["type"] in ("ContainersReady", "Ready"):
            condition["status"] = "False"
    containers: list[dict[str, Json]] = running["containerStatuses"]
    for container in containers:
        container |= {"ready": False, "started": False, "state": {"waiting": {"reason": "CrashLoopBackOff"}}}
    return running
