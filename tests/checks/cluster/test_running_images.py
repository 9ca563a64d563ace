"""What pods run."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.checks.quick import clusters, results, same, site
from tests.model.given import structure
from workshop.checks.cluster.running_images import RunningDigests

OHIO, OREGON, LONDON = REGIONS = ("us-east-2", "us-west-2", "eu-west-2")
INDEX = '{"schemaVersion": 2}'
DIGEST = f"sha256:{hashlib.sha256(INDEX.encode()).hexdigest()}"
IMAGE = {**structure("image"), "digest": DIGEST}


def deployment() -> Mapping[str, Any]:
    spec: dict[str, Any] = {"selector": {"matchLabels": {"app": "coder"}}, "template": {"spec": {"containers": []}}}
    return {"metadata": {"name": "coder"}, "spec": spec}


def pod(name: str, image: str | None = f"coder@{DIGEST}", ready: str = "True") -> dict[str, Any]:
    container = {"name": "coder", "image": "coder:1", "imageID": image, "ready": True, "restartCount": 0}
    status = {"conditions": [{"type": "Ready", "status": ready}]}
    return {
        "metadata": {"name": name, "labels": {"app": "coder"}},
        "spec": {"containers": [{"name": "coder"}]},
        "status": {**status, **({"containerStatuses": [container]} if image else {})},
    }


RUNNING: Mapping[str, Sequence[dict[str, Any]] | None] = {
    "as pinned": [pod("a"), pod("b")],
    "one too few": [pod("a"), pod("b", ready="False")],
    "another": [pod("a"), pod("b", "coder@sha256:other"), pod("c", None)],
    "no Deployment": None,
}


@pytest.mark.parametrize("name", RUNNING)
def test_of_running_images(name: str, tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    pods = RUNNING[name]
    objects: dict[str, Mapping[str, Any]] = {}
    for space in ("coder", "coder-proxy") if pods is not None else ():
        objects[f"/apis/apps/v1/namespaces/{space}/deployments/coder"] = deployment()
        objects |= {f"/api/v1/namespaces/{space}/pods/{one['metadata']['name']}": one for one in pods or ()}
    with clusters(tmp_path, objects) as kubeconfig:
        same(results(RunningDigests(), site(kubeconfig=kubeconfig, image=IMAGE), OHIO, OREGON), snapshot)
        unset = site(kubeconfig=kubeconfig, image={**IMAGE, "digest": None})
        same(results(RunningDigests(), unset, OHIO), snapshot(name="no digest"))
