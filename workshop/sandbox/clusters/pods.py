"""Stands in for scheduler and kubelet: python -m workshop.sandbox.clusters.pods FOLDER CONTEXT=PORT...

A pod that a Deployment's ReplicaSet makes is running and ready as soon as it is there: no container is started. Pods of
other owners are left alone. It is on no node, so that it is gone at once when it is deleted.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NoReturn

from workshop.sandbox.clusters.api import Api
from workshop.sandbox.clusters.running import access_to
from workshop.sandbox.clusters.store import ApiServerStore, path_of
from workshop.sandbox.kinds import find_kind
from workshop.sandbox.manifests import ClusterRefusal, Manifest
from workshop.sandbox.wire import Json

_MANAGER: Final = "kubelet"
_RETRY_SECONDS: Final = 1
_CONDITIONS: Final = ("PodScheduled", "Initialized", "ContainersReady", "Ready")


def run_pods(api: Api) -> NoReturn:
    """Follows one cluster's pods for as long as the process lives, also while its API server is away."""
    kind = find_kind("v1", "Pod")
    assert kind is not None
    store = ApiServerStore(api)
    while True:
        try:
            for pod in api.watch(path_of(kind, None), {"fieldSelector": "status.phase=Pending"}):
                if _is_of_a_deployment(pod) and not pod["metadata"].get("deletionTimestamp"):
                    _start(store, {"apiVersion": "v1", "kind": "Pod", **pod})
        except ClusterRefusal as refusal:
            sys.stderr.write(f"{api.name}: {refusal}\n")
            time.sleep(_RETRY_SECONDS)


def running_status(spec: Mapping[str, Json]) -> dict[str, Json]:
    """Of a pod whose containers all run: on the very image that it names."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "phase": "Running",
        "startTime": now,
        "conditions": [{"type": each, "status": "True", "lastTransitionTime": now} for each in _CONDITIONS],
        "containerStatuses": [
            {
                "name": container["name"],
                "image": container["image"],
                "imageID": container["image"],
                "ready": True,
                "started": True,
                "restartCount": 0,
                "state": {"running": {"startedAt": now}},
            }
            for container in spec["containers"]
        ],
    }


def _is_of_a_deployment(pod: Manifest) -> bool:
    owners: list[Mapping[str, str]] = pod["metadata"].get("ownerReferences") or []
    return any(owner["kind"] == "ReplicaSet" for owner in owners)


def _start(store: ApiServerStore, pod: Manifest) -> None:
    try:
        store.set_status({**pod, "status": running_status(pod["spec"])}, _MANAGER)
    except ClusterRefusal as refusal:
        if refusal.reason != "NotFound":  # scaled down meanwhile
            raise


def main(arguments: list[str]) -> None:
    """Ends when it is told to."""
    folder, *clusters = arguments
    apis = [
        Api(context, access_to(Path(folder), int(port)))
        for context, port in (cluster.rsplit("=", 1) for cluster in clusters)
    ]
    with ThreadPoolExecutor(max_workers=len(apis)) as pool:
        list(pool.map(run_pods, apis))


if __name__ == "__main__":
    main(sys.argv[1:])
