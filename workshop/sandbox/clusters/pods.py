"""Stands in for scheduler and kubelet: python -m workshop.sandbox.clusters.pods CONTEXT=PORT... --with-nodes=CONTEXT...

A pod that a Deployment's ReplicaSet makes is running and ready as soon as it is there: no container is started. It is
on no node, so that it is gone at once when it is deleted. A Job is run as the sandbox runs Jobs. Pods of other owners
are left alone, and so are Jobs of CronJobs, which whoever makes them runs.

Where there are nodes, Kubernetes' own controllers and a kubelet in Go (controlplane/kubelet) do all that. What is left
is to run what is in pods of the images that stand for modules of ours, and to tell that kubelet how it ended.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

from workshop.sandbox.clusters.api import MERGE_PATCH, Api
from workshop.sandbox.clusters.running import access_to, folder_of
from workshop.sandbox.clusters.store import ApiServerStore, path_of
from workshop.sandbox.json_values import Json
from workshop.sandbox.manifests.kinds import Kind, kind_of
from workshop.sandbox.manifests.merging import ClusterRefusal, Manifest
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.pods.kubelet import Kubelet, is_known
from workshop.sandbox.pods.running import crashing_status, running_status
from workshop.sandbox.servers.faults import fault_at

WITH_NODES: Final = "--with-nodes="
EXIT_CODE_ANNOTATION: Final = "kubelet.sandbox/exit-code"
"""By which controlplane/kubelet learns how a pod ended that it does not run itself."""

_MANAGER: Final = "kubelet"
_IMAGES: Final = "/images/"
"""Begins the path of a planted fault of an image, by its reference: containers of it crash."""
_RETRY_SECONDS: Final = 1


def follow(api: Api, kind: Kind, query: Mapping[str, str], see: Callable[[Manifest], None]) -> None:
    """Shows every object of a kind as it is and becomes, for as long as the process lives, whatever the server does."""
    while True:
        try:
            for found in api.watch(path_of(kind, None), query):
                see({"apiVersion": kind.api_version, "kind": kind.name, **found})
        except ClusterRefusal as refusal:
            sys.stderr.write(f"{api.name}: {refusal}\n")
            time.sleep(_RETRY_SECONDS)


class Node:
    """Where everything of one cluster runs."""

    def __init__(self, paths: SandboxPaths, context: str, api: Api, *, has_nodes: bool) -> None:
        self._paths = paths
        self._store = ApiServerStore(api)
        self._kubelet = Kubelet(paths, context, self._store, has_controllers=has_nodes)
        self._api = api
        self._begun: set[str] = set()

    def run_pod(self, pod: Manifest) -> None:
        """Says that it runs, where a Deployment has it."""
        if _owner(pod) != "ReplicaSet" or pod["metadata"].get("deletionTimestamp"):
            return
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        crashes = any(fault_at(self._paths, f"{_IMAGES}{one['image']}") for one in pod["spec"]["containers"])
        status = crashing_status(pod["spec"], now) if crashes else running_status(pod["spec"], now)
        try:
            self._store.set_status({**pod, "status": status}, _MANAGER)
        except ClusterRefusal as refusal:
            if refusal.reason != "NotFound":  # scaled down meanwhile
                raise

    def run_container(self, pod: Manifest) -> None:
        """Runs what is in it, beside others, where it is known here; each pod once."""
        uid: str = pod["metadata"]["uid"]
        if is_known(pod["spec"]) and uid not in self._begun:
            self._begun.add(uid)
            threading.Thread(target=self._run_container, args=(pod,)).start()

    def _run_container(self, pod: Manifest) -> None:
        exit_code = 0 if self._kubelet.run_pod(pod) else 1
        ended: Json = {"metadata": {"annotations": {EXIT_CODE_ANNOTATION: str(exit_code)}}}
        path = path_of(kind_of("v1", "Pod"), pod["metadata"]["namespace"], pod["metadata"]["name"])
        try:
            self._api.request("PATCH", path, ended, content_type=MERGE_PATCH)
        except ClusterRefusal as refusal:
            sys.stderr.write(f"{self._api.name}: {refusal}\n")  # deleted meanwhile

    def run_job(self, job: Manifest) -> None:
        """Runs it, one after another, where nobody else does."""
        if _owner(job) != "CronJob":
            self._kubelet.run_once(job)


def _owner(found: Manifest) -> str:
    """The kind of whoever made it; nothing for what stands alone."""
    owners: list[Mapping[str, Json]] = found["metadata"].get("ownerReferences") or []
    return next((str(owner["kind"]) for owner in owners if owner.get("controller")), "")


def main(arguments: list[str]) -> None:
    """Ends when it is told to."""
    paths = SandboxPaths.from_environment()
    pods, jobs = kind_of("v1", "Pod"), kind_of("batch/v1", "Job")
    with_nodes = {each.removeprefix(WITH_NODES) for each in arguments if each.startswith(WITH_NODES)}
    clusters = (each.rsplit("=", 1) for each in arguments if not each.startswith(WITH_NODES))
    for context, port in clusters:
        api = Api(context, access_to(folder_of(paths), int(port)))
        node = Node(paths, context, api, has_nodes=context in with_nodes)
        followed: list[tuple[Kind, str, Callable[[Manifest], None]]] = [
            (pods, "status.phase=Pending", node.run_pod),
            (jobs, "", node.run_job),
        ]
        if context in with_nodes:
            followed = [(pods, "status.phase=Running", node.run_container)]
        for kind, selector, see in followed:
            query = {"fieldSelector": selector} if selector else {}
            threading.Thread(target=follow, args=(api, kind, query, see)).start()


if __name__ == "__main__":
    main(sys.argv[1:])
