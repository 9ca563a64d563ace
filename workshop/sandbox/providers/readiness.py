"""Deployments, as the Kubernetes provider treats them: it waits until what they ask for runs."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Final

from workshop.sandbox.clusters.rollouts import is_rolled_out
from workshop.sandbox.kinds import kind_of
from workshop.sandbox.manifests import ClusterStore, Manifest
from workshop.sandbox.providers.jobs import is_not_awaited
from workshop.sandbox.providers.provider import NotReady, Properties, Resource

ROLLOUT_SECONDS: Final = 60
"""The real provider gives up after ten minutes, in which nodes may have to start; here nothing has to."""

_POLL_SECONDS: Final = 0.05


def await_rollout(store: ClusterStore, made: Manifest, inputs: Properties) -> Manifest:
    """Answers a Deployment as it is once all its pods run, and anything else at once. Raises NotReady."""
    kind = kind_of("apps/v1", "Deployment")
    if made["kind"] != kind.name or is_not_awaited(inputs):
        return made
    metadata: Mapping[str, str] = made["metadata"]
    deadline = time.monotonic() + ROLLOUT_SECONDS
    present = made
    while not is_rolled_out(present):
        if time.monotonic() > deadline:
            id = f"{metadata['namespace']}/{metadata['name']}"
            raise NotReady(
                f"{id}: not all of its {present['spec']['replicas']} pods run after {ROLLOUT_SECONDS} s: see to what "
                f"they wait for: kubectl --namespace {metadata['namespace']} describe deployment {metadata['name']}",
                Resource(id=id, outputs=present, inputs=inputs),
            )
        time.sleep(_POLL_SECONDS)
        present = store.get(kind, metadata["namespace"], metadata["name"]) or made
    return present
