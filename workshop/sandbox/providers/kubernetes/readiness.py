"""Waits, as the Kubernetes provider does, until what was made can be used."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Final

from workshop.sandbox.clusters.rollouts import is_rolled_out
from workshop.sandbox.json_values import Json
from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.manifests.merging import Manifest
from workshop.sandbox.manifests.store import ClusterStore
from workshop.sandbox.providers.kubernetes.jobs import is_not_awaited
from workshop.sandbox.providers.provider import CreateRequest, NotReady, Properties, Resource, UpdateRequest

READY_SECONDS: Final = 60
"""The real provider gives up after ten minutes, in which nodes may have to start; here nothing has to."""

_POLL_SECONDS: Final = 0.1


def await_readiness(store: ClusterStore, made: Manifest, request: CreateRequest | UpdateRequest) -> Manifest:
    """Answers a Deployment once all its pods run, a CustomResourceDefinition once its kind can be used, and anything
    else at once. It waits for READY_SECONDS where the request says nothing. Raises NotReady.
    """
    inputs = request.inputs
    if made["kind"] not in _IS_READY or is_not_awaited(inputs):
        return made
    if _IS_READY[made["kind"]][0](made):
        return made
    with request.waiting():
        return _ready(store, made, inputs, request.timeout_seconds or READY_SECONDS)


def _ready(store: ClusterStore, made: Manifest, inputs: Properties, seconds: float) -> Manifest:
    is_ready, problem = _IS_READY[made["kind"]]
    kind = kind_of(made["apiVersion"], made["kind"])
    name, namespace = made["metadata"]["name"], made["metadata"].get("namespace")
    deadline = time.monotonic() + seconds
    present = made
    while not is_ready(present):
        if time.monotonic() > deadline:
            id = f"{namespace}/{name}" if namespace else name
            there = f"--namespace {namespace} " if namespace else ""
            raise NotReady(
                f"{id}: {problem(present)} after {seconds:g} s: see to what it waits for: "
                f"kubectl {there}describe {kind.name.lower()} {name}",
                Resource(id=id, outputs=present, inputs=inputs),
            )
        time.sleep(_POLL_SECONDS)
        present = store.get(kind, namespace, name) or made
    return present


def _is_established(definition: Manifest) -> bool:
    status: Mapping[str, Json] = definition.get("status") or {}
    conditions: list[Mapping[str, str]] = status.get("conditions") or []
    return any(each["type"] == "Established" and each["status"] == "True" for each in conditions)


_IS_READY: Final[Mapping[str, tuple[Callable[[Manifest], bool], Callable[[Manifest], str]]]] = {
    "Deployment": (is_rolled_out, lambda made: f"not all of its {made['spec']['replicas']} pods run"),
    "CustomResourceDefinition": (_is_established, lambda _: "its kind can't be used yet"),
}
"""When an object of a kind is ready, and what to say until then."""
