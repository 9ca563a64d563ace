"""Jobs, as the Kubernetes provider treats them: it waits for their end, and may replace one that is not complete."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Final

from workshop.sandbox.clusters.store import ApiServerStore
from workshop.sandbox.json_values import Json
from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.manifests.merging import Manifest
from workshop.sandbox.pods.kubelet import Kubelet
from workshop.sandbox.providers.kubernetes.kubeconfig import SandboxCluster
from workshop.sandbox.providers.provider import CreateRequest, NotReady, Properties, Resource

REPLACE_UNREADY: Final = "pulumi.com/replaceUnready"
SKIP_AWAIT: Final = "pulumi.com/skipAwait"
JOB_SECONDS: Final = 600
"""As the real provider."""

_POLL_SECONDS: Final = 0.1


def run_to_completion(cluster: SandboxCluster, made: Manifest, request: CreateRequest) -> Manifest:
    """Answers a Job with its status once it has ended, and anything else at once. Raises NotReady where it failed.

    In a cluster that is a folder it runs here, for as long as it takes; API servers have somebody who runs it.
    """
    inputs = request.inputs
    if made["kind"] != "Job" or is_not_awaited(inputs):
        return made
    if isinstance(cluster.store, ApiServerStore):
        with request.waiting():
            ended = _ended(cluster.store, made, inputs, request.timeout_seconds or JOB_SECONDS)
    else:
        ended = Kubelet(cluster.paths, cluster.context, cluster.store).run(made)
    failure = _failure(ended)
    if failure is None:
        return ended
    id = f"{ended['metadata']['namespace']}/{ended['metadata']['name']}"
    raise NotReady(f"{id}: the Job failed: {failure}", Resource(id=id, outputs=ended, inputs=inputs))


def unready_and_replaced(inputs: Properties, outputs: Properties) -> tuple[str, ...]:
    """What makes a Job's replacement due: that it is not complete, where the program asks for that.

    One that failed, and one that still runs because an `up` was killed while it waited.
    """
    is_due = inputs["kind"] == "Job" and _annotation(inputs, REPLACE_UNREADY) and not _is_complete(outputs)
    return ("status",) if is_due else ()


def is_not_awaited(inputs: Properties) -> bool:
    """Whether the program asks not to wait."""
    return _annotation(inputs, SKIP_AWAIT)


def _ended(store: ApiServerStore, job: Manifest, inputs: Properties, seconds: float) -> Manifest:
    kind = kind_of("batch/v1", "Job")
    metadata, present = job["metadata"], job
    deadline = time.monotonic() + seconds
    while not _conditions(present):
        if time.monotonic() > deadline:
            id = f"{metadata['namespace']}/{metadata['name']}"
            message = f"{id}: the Job has not ended after {seconds:g} s: workshop sandbox clusters start, then again"
            raise NotReady(message, Resource(id=id, outputs=present, inputs=inputs))
        time.sleep(_POLL_SECONDS)
        present = store.get(kind, metadata["namespace"], metadata["name"]) or job
    return present


def _failure(job: Mapping[str, Json]) -> str | None:
    failed = (each for each in _conditions(job) if each["type"] == "Failed" and each["status"] == "True")
    return next((each.get("message", "") for each in failed), None)


def _is_complete(job: Mapping[str, Json]) -> bool:
    return any(each["type"] == "Complete" and each["status"] == "True" for each in _conditions(job))


def _conditions(job: Mapping[str, Json]) -> list[Mapping[str, str]]:
    status: Mapping[str, Json] = job.get("status") or {}
    return status.get("conditions") or []


def _annotation(inputs: Properties, name: str) -> bool:
    annotations: Mapping[str, str] = inputs["metadata"].get("annotations") or {}
    return annotations.get(name) == "true"
