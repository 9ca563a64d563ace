"""What a new cluster is given: its identity, Karpenter's CRDs, and the platform as it stands."""

from __future__ import annotations

import base64
import json
import subprocess
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import httpx
import yaml

from workshop.model.settings.regions import Region
from workshop.model.settings.stack import Settings
from workshop.sandbox.clusters.api import Api
from workshop.sandbox.clusters.binaries import Commands
from workshop.sandbox.clusters.store import ApiServerStore, path_of
from workshop.sandbox.json_values import Json
from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.manifests.merging import ClusterRefusal, Manifest
from workshop.sandbox.problem import SandboxProblem
from workshop.sandbox.seed.objects import objects_of

KWOK_GROUP: Final = "karpenter.kwok.sh"
"""Of the class whose nodes Karpenter's kwok provider makes; of no use where it doesn't run."""

ESTABLISHED_SECONDS: Final = 60
_POLL_SECONDS: Final = 0.05


def claim_identity(etcd: httpx.Client, context: str, uid: str) -> None:
    """Makes kube-system with the UID that the settings recognise the cluster by, where it doesn't exist yet.

    The API server chooses UIDs itself, so the object is laid into etcd before its first start.
    """
    namespace = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": "kube-system",
            "uid": uid,
            "creationTimestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "labels": {"kubernetes.io/metadata.name": "kube-system"},
        },
        "spec": {"finalizers": ["kubernetes"]},
        "status": {"phase": "Active"},
    }
    key = _base64(f"/registry/{context}/namespaces/kube-system")
    put = {"requestPut": {"key": key, "value": _base64(json.dumps(namespace))}}
    absent = {"key": key, "target": "VERSION", "result": "EQUAL", "version": 0}
    etcd.post("/v3/kv/txn", json={"compare": [absent], "success": [put]}).raise_for_status()


def karpenter_crds(commands: Commands) -> list[Manifest]:
    """Karpenter's custom resource definitions, as its Go package embeds them. Raises SandboxProblem."""
    printed = subprocess.run(commands["crds"], capture_output=True, text=True, check=False)
    if printed.returncode != 0:
        raise SandboxProblem(f"{commands['crds'][0]} could not print Karpenter's CRDs: {printed.stderr.strip()[-500:]}")
    return [crd for crd in yaml.load_all(printed.stdout, getattr(yaml, "CSafeLoader", yaml.SafeLoader)) if crd]


def install_crds(api: Api, crds: list[Manifest]) -> None:
    """Applies them and waits until the server takes objects of their kinds. Raises ClusterRefusal, SandboxProblem."""
    store = ApiServerStore(api)
    for crd in crds:
        store.apply(crd, "helm", force=True)
    kind = kind_of("apiextensions.k8s.io/v1", "CustomResourceDefinition")
    deadline = time.monotonic() + ESTABLISHED_SECONDS
    for crd in crds:
        name = crd["metadata"]["name"]
        while not _is_served(api, crd, store.get(kind, None, name)):
            if time.monotonic() > deadline:
                raise SandboxProblem(f"{api.name} does not serve {name} after {ESTABLISHED_SECONDS} s: see its log")
            time.sleep(_POLL_SECONDS)


def seed(api: Api, settings: Settings, region: Region, master_key: str, done: Path) -> None:
    """Creates the platform's objects under their owners' names; once, which `done` marks. Raises ClusterRefusal."""
    if done.exists():
        return
    store = ApiServerStore(api)
    for manager, manifest in objects_of(settings, region, master_key):
        try:
            store.create(manifest, manager)
        except ClusterRefusal as refusal:
            if refusal.reason != "AlreadyExists":  # of an interrupted start, or the server's own namespace
                raise
        if "status" in manifest:
            store.set_status(manifest, manager)
    done.touch()


def release_pods(api: Api) -> None:
    """Deletes the pods that a kubelet of ours ran, where none is left to end them. Raises ClusterRefusal."""
    for pod in ApiServerStore(api).list(kind_of("v1", "Pod")):
        if pod["status"].get("hostIP") == "127.0.0.1":
            path = path_of(kind_of("v1", "Pod"), pod["metadata"]["namespace"], pod["metadata"]["name"])
            api.request("DELETE", path, {"gracePeriodSeconds": 0})


def _is_served(api: Api, crd: Manifest, present: Manifest | None) -> bool:
    status: Json = present.get("status", {}) if present else {}
    conditions: list[Mapping[str, str]] = status.get("conditions") or []
    if not any(each["type"] == "Established" and each["status"] == "True" for each in conditions):
        return False
    spec = crd["spec"]
    served = next(version["name"] for version in spec["versions"] if version["served"])
    try:
        api.request("GET", f"/apis/{spec['group']}/{served}/{spec['names']['plural']}")
    except ClusterRefusal as refusal:
        if refusal.reason == "NotFound":
            return False
        raise
    return True


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
