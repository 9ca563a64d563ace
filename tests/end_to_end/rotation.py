"""A sandbox with a window, and what rotates LiteLLM's key in its clusters."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from tests.end_to_end.sandbox import REGIONS, Ran
from workshop.model.rotation import NAMESPACE, ResumeRequest
from workshop.rotation.litellm import LiteLLM
from workshop.sandbox.files import write_whole
from workshop.sandbox.json_values import Json
from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.manifests.merging import Manifest
from workshop.sandbox.manifests.store import ClusterStore
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.pods.kubelet import Kubelet

WORKSPACES = ("coder-ws", "coder-ws-experiment", "coder-ws-demo")
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def set_window(paths: SandboxPaths, *, starts_in: timedelta | None, cool_down: str = "2h") -> None:
    """Sets the window of the next commands; None takes it out."""
    config = {"workshop:users": "20"}
    if starts_in is not None:
        start = (datetime.now(UTC) + starts_in).isoformat(timespec="minutes")
        config["workshop:window"] = json.dumps({"start": start, "duration": "4h", "cool_down": cool_down})
    write_whole(paths.overrides, json.dumps({"sandbox": config}))


def objects(store: ClusterStore, api_version: str, kind: str) -> list[Manifest]:
    return store.list(kind_of(api_version, kind))


def suspended(stores: Mapping[str, ClusterStore]) -> dict[str, bool]:
    """By cluster and namespace."""
    return {
        f"{context}/{item['metadata']['namespace']}": bool(item["spec"].get("suspend"))
        for context, store in stores.items()
        for item in objects(store, "batch/v1", "CronJob")
        if item["metadata"]["name"] == "rotate-key"
    }


def keys(stores: Mapping[str, ClusterStore]) -> list[str]:
    """What the nine Secrets hold."""
    return [
        base64.b64decode(item["data"]["token"]).decode()
        for store in stores.values()
        for item in objects(store, "v1", "Secret")
        if item["metadata"]["name"] == "litellm"
    ]


def is_alive(paths: SandboxPaths, key: str) -> bool:
    """Whether LiteLLM accepts a key."""
    with LiteLLM(paths.litellm_endpoint) as litellm:
        return litellm.info(key) is not None


def limits(stores: Mapping[str, ClusterStore]) -> list[Json]:
    """Of the old pools."""
    return [
        item["spec"].get("limits") or None
        for store in stores.values()
        for item in objects(store, "karpenter.sh/v1", "NodePool")
        if item["metadata"]["name"] == "coder-ws-all"
    ]


def left(stores: Mapping[str, ClusterStore]) -> list[str]:
    """What of ours is still in the clusters, of the kinds that hold the rotation."""
    kinds = (("batch/v1", "Job"), ("batch/v1", "CronJob"), ("v1", "ServiceAccount"))
    roles = tuple(
        ("rbac.authorization.k8s.io/v1", kind) for kind in ("Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding")
    )
    return [
        f"{context} {kind} {item['metadata']['name']}"
        for context, store in stores.items()
        for api_version, kind in (*kinds, *roles)
        for item in objects(store, api_version, kind)
        if item["metadata"].get("labels", {}).get("app.kubernetes.io/managed-by") == "ai-coder-workshop"
    ]


def fire_switch(paths: SandboxPaths, context: str, store: ClusterStore, after: datetime | None = None) -> Manifest:
    """Runs a cluster's switch as its CronJob would; after: as if this were the moment from which it acts."""
    (switch,) = (one for one in objects(store, "batch/v1", "CronJob") if one["metadata"]["namespace"] == NAMESPACE)
    if after is not None:
        container = switch["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]
        order = ResumeRequest.model_validate_json(container["args"][1])
        container["args"][1] = order.model_copy(update={"after": after}).text()
    owner = {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "name": switch["metadata"]["name"],
        "uid": switch["metadata"]["uid"],
        "controller": True,
    }
    metadata: Manifest = {"name": f"fired-{datetime.now(UTC):%H%M%S%f}", "ownerReferences": [owner]}
    metadata["namespace"] = switch["metadata"]["namespace"]
    job: Manifest = {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata}
    made = store.create({**job, "spec": switch["spec"]["jobTemplate"]["spec"]}, "kube-controller-manager")
    return Kubelet(paths, context, store).run(made)


def ended_well(job: Manifest) -> bool:
    return any(each["type"] == "Complete" for each in job["status"]["conditions"])


def order_of(ran: Ran, *kinds: str) -> list[str]:
    """Names of the steps that changed something of these kinds, warm nodes' left out, in the order of their doing."""
    return [
        step["name"]
        for step in ran.document["steps"]
        if step["operation"] != "same" and step["type"].rpartition(":")[2] in kinds and "-warm-" not in step["name"]
    ]


def contexts() -> tuple[str, ...]:
    return tuple(REGIONS.values())
