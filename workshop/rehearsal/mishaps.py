"""What goes wrong while everybody works: a node is lost or retired, the key rotated."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from workshop.model.rehearsal.faults import Fault
from workshop.model.rehearsal.rehearsal import Rehearsal
from workshop.model.rotation import region_rotation
from workshop.rehearsal.kwok import MANAGER
from workshop.rehearsal.losses import lose_a_node, retire_a_node, take_back_spot
from workshop.rehearsal.region import Region
from workshop.rehearsal.stage import Stage
from workshop.rotation.litellm import LiteLLM
from workshop.sandbox.clusters.store import ApiServerStore
from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.problem import SandboxProblem

_CRON_JOB, _JOB = kind_of("batch/v1", "CronJob"), kind_of("batch/v1", "Job")
_SECRET: Final = kind_of("v1", "Secret")
_ROTATION_SECONDS: Final = 120
_LOOK_SECONDS: Final = 0.5


def strike(stage: Stage, rehearsal: Rehearsal, region: Region, say: Callable[[str], None]) -> None:
    """Does what the fault does once everybody works, in the region where it happens; others have done it by then.

    Raises ClusterRefusal, SandboxProblem, RotationFailure.
    """
    if rehearsal.fault is Fault.NODE_LOST:
        say("a node is lost")
        lose_a_node(region, stage.queues)
    elif rehearsal.fault is Fault.NODE_RETIRED:
        say("AWS retires a node")
        retire_a_node(region, stage.queues)
    elif rehearsal.fault is Fault.SPOT_INTERRUPTION:
        say("AWS takes back a spot instance")
        if not take_back_spot(region, stage.queues):
            region.notes += ("it has no spot instance: pools allow on-demand ones alone, so AWS takes none back",)
    elif rehearsal.fault is Fault.KEY_ROTATED:
        say("the key is rotated")
        _rotate(stage.stores[region.name], rehearsal, region.name)
        region.keys = _keys(stage, rehearsal)


def _rotate(store: ApiServerStore, rehearsal: Rehearsal, region: str) -> None:
    """As somebody does by hand, while it is held: kubectl create job --from=cronjob/..., the generator's first."""
    settings = rehearsal.settings
    rotation = next(region_rotation(settings, one) for one in settings.regions if one.name == region)
    for place in (*rotation.generators, *rotation.swappers):
        cron_job = store.get(_CRON_JOB, place.namespace, settings.rotation.cron_job)
        if cron_job is None:
            raise SandboxProblem(f"{place.namespace} has no CronJob {settings.rotation.cron_job} to rotate the key by")
        metadata = {"name": f"{MANAGER}-rotation", "namespace": place.namespace}
        spec = cron_job["spec"]["jobTemplate"]["spec"]
        store.create({"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": spec}, MANAGER)
        deadline = time.monotonic() + _ROTATION_SECONDS
        while not _has_ended(store, place.namespace):
            if time.monotonic() > deadline:
                raise SandboxProblem(f"the rotation in {place.namespace} has not ended after {_ROTATION_SECONDS} s")
            time.sleep(_LOOK_SECONDS)


def _has_ended(store: ApiServerStore, namespace: str) -> bool:
    job = store.get(_JOB, namespace, f"{MANAGER}-rotation") or {}
    ended = {one["type"] for one in job.get("status", {}).get("conditions", ()) if one["status"] == "True"}
    if "Failed" in ended:
        raise SandboxProblem(f"the rotation in {namespace} failed")
    return "Complete" in ended


def _keys(stage: Stage, rehearsal: Rehearsal) -> tuple[int, int]:
    """Secrets of workspaces that hold LiteLLM's key, everywhere, and how many of these keys it takes."""
    held = list(_held(stage.stores, rehearsal))
    with LiteLLM(stage.litellm_url) as litellm:
        alive = {key for key in {*held} if litellm.info(key) is not None}
    return len(held), sum(key in alive for key in held)


def _held(stores: Mapping[str, ApiServerStore], rehearsal: Rehearsal) -> Iterator[str]:
    rotation = rehearsal.settings.rotation
    for store in stores.values():
        for secret in store.list(_SECRET):
            if secret["metadata"]["name"] == rotation.secret and rotation.secret_key in secret.get("data", {}):
                yield base64.b64decode(secret["data"][rotation.secret_key]).decode()
