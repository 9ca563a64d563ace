"""Jobs, as the Kubernetes provider treats them: it waits for their end, and may replace one that failed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from workshop.sandbox.kubelet import Kubelet
from workshop.sandbox.manifests import Manifest
from workshop.sandbox.providers.kubeconfig import SandboxCluster
from workshop.sandbox.providers.provider import NotReady, Properties, Resource
from workshop.sandbox.wire import Json

REPLACE_UNREADY: Final = "pulumi.com/replaceUnready"
SKIP_AWAIT: Final = "pulumi.com/skipAwait"


def run_to_completion(cluster: SandboxCluster, made: Manifest, inputs: Properties) -> Manifest:
    """Runs what was made if it is a Job, and answers it with its status. Raises NotReady where it failed."""
    if made["kind"] != "Job" or _annotation(inputs, SKIP_AWAIT):
        return made
    ended = Kubelet(cluster.paths, cluster.context, cluster.store).run(made)
    failure = _failure(ended)
    if failure is None:
        return ended
    id = f"{ended['metadata']['namespace']}/{ended['metadata']['name']}"
    raise NotReady(f"{id}: the Job failed: {failure}", Resource(id=id, outputs=ended, inputs=inputs))


def failed_and_replaced(inputs: Properties, outputs: Properties) -> tuple[str, ...]:
    """What makes a Job's replacement due: its failure, where the program asks for that."""
    is_due = inputs["kind"] == "Job" and _annotation(inputs, REPLACE_UNREADY) and _failure(outputs) is not None
    return ("status",) if is_due else ()


def _failure(job: Mapping[str, Json]) -> str | None:
    status: Mapping[str, Json] = job.get("status") or {}
    conditions: list[Mapping[str, str]] = status.get("conditions") or []
    failed = (each for each in conditions if each["type"] == "Failed" and each["status"] == "True")
    return next((each.get("message", "") for each in failed), None)


def _annotation(inputs: Properties, name: str) -> bool:
    annotations: Mapping[str, str] = inputs["metadata"].get("annotations") or {}
    return annotations.get(name) == "true"
