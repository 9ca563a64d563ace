"""The pods of a cluster in a folder: no controller runs there, so Deployments have theirs when somebody asks."""

from __future__ import annotations

from collections.abc import Iterator

from workshop.sandbox.kinds import find_kind
from workshop.sandbox.manifests import Manifest, ManifestStore
from workshop.sandbox.wire import Json


def pods_of_deployments(store: ManifestStore, namespace: str | None) -> Iterator[Manifest]:
    """One for every replica, Running on the image that the Deployment names; not where a manifest says otherwise."""
    deployments, pods = find_kind("apps/v1", "Deployment"), find_kind("v1", "Pod")
    if deployments is None or pods is None:
        return
    for deployment in store.list(deployments, namespace):
        for number in range(deployment["spec"]["replicas"]):
            pod = _pod(deployment, number)
            if store.get(pods, pod["metadata"]["namespace"], pod["metadata"]["name"]) is None:
                yield pod


def _pod(deployment: Manifest, number: int) -> Manifest:
    template, owner = deployment["spec"]["template"], deployment["metadata"]
    containers: list[Json] = template["spec"]["containers"]
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
        "status": {
            "phase": "Running",
            "conditions": [{"type": "Ready", "status": "True"}],
            "containerStatuses": [
                {
                    "name": container["name"],
                    "image": container["image"],
                    "imageID": container["image"],
                    "ready": True,
                    "restartCount": 0,
                    "started": True,
                    "state": {"running": {}},
                }
                for container in containers
            ],
        },
    }
