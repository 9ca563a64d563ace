"""Deployments on a real API server, and whether what they ask for runs."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Final

from workshop.sandbox.clusters.api import Api
from workshop.sandbox.clusters.store import ApiServerStore
from workshop.sandbox.json_values import Json
from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.manifests.merging import Manifest
from workshop.sandbox.problem import SandboxProblem

ROLLOUT_SECONDS: Final = 60
_POLL_SECONDS: Final = 0.1


def await_rollouts(api: Api) -> None:
    """Waits until every Deployment has the pods that it asks for. Raises ClusterRefusal, SandboxProblem."""
    kind = kind_of("apps/v1", "Deployment")
    deadline = time.monotonic() + ROLLOUT_SECONDS
    while late := [deployment for deployment in ApiServerStore(api).list(kind) if not is_rolled_out(deployment)]:
        if time.monotonic() > deadline:
            raise SandboxProblem(
                f"{api.name}: after {ROLLOUT_SECONDS} s these do not run yet: {'; '.join(map(_told, late))}: see to "
                "what they wait for, or begin anew: workshop sandbox reset"
            )
        time.sleep(_POLL_SECONDS)


def is_rolled_out(deployment: Manifest) -> bool:
    """Whether its controller has seen it as it is, and all its pods are new and available."""
    status = _status(deployment)
    wanted: int = deployment["spec"]["replicas"]
    counts = (status.get(each, 0) for each in ("replicas", "updatedReplicas", "availableReplicas"))
    return status.get("observedGeneration") == deployment["metadata"]["generation"] and {*counts} == {wanted}


def _status(deployment: Manifest) -> Mapping[str, Json]:
    status: Mapping[str, Json] = deployment.get("status") or {}
    return status


def _told(deployment: Manifest) -> str:
    metadata, status = deployment["metadata"], _status(deployment)
    conditions: list[Mapping[str, str]] = status.get("conditions") or []
    failures = (f" ({each['message']})" for each in conditions if each["type"] == "ReplicaFailure")
    return f"{metadata['namespace']}/{metadata['name']}{''.join(failures)}"
