"""queue-followed: provisioners are scaled by the queue, by a number of the last minute."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.checks.cluster.test_limits import NODE, quota
from tests.checks.quick import clusters, results, site
from workshop.checks.cluster.queue import QueueFollowed
from workshop.model.names import EXPORTER, QUEUE_SCALER

OHIO = "us-east-2"
CONDITIONS = {"Ready": "True", "Active": "True", "Fallback": "False", "Paused": "False"}


def scaled(least: int = 12, **conditions: str | None) -> dict[str, Any]:
    """The ScaledObject; None: KEDA does not report this condition."""
    found = {name: status for name, status in (CONDITIONS | conditions).items() if status is not None}
    metadata = {"name": QUEUE_SCALER, "namespace": "coder-ws"}
    status = {"conditions": [{"type": name, "status": status, "message": "why"} for name, status in found.items()]}
    path = f"/apis/keda.sh/v1alpha1/namespaces/coder-ws/scaledobjects/{QUEUE_SCALER}"
    return {path: {"metadata": metadata, "spec": {"minReplicaCount": least}, "status": status}}


def deployment(name: str, at: str, pods: int, *, is_ready: bool = True) -> dict[str, Any]:
    labels = {"app": name}
    found: dict[str, Any] = {
        f"/apis/apps/v1/namespaces/{at}/deployments/{name}": {
            "metadata": {"name": name, "namespace": at},
            "spec": {"selector": {"matchLabels": labels}, "template": {"spec": {"containers": []}}},
        }
    }
    for number in range(pods):
        conditions = [{"type": "Ready", "status": str(is_ready)}]
        metadata = {"name": f"{name}-{number}", "namespace": at, "labels": labels}
        found[f"/api/v1/namespaces/{at}/pods/{name}-{number}"] = {
            "metadata": metadata,
            "spec": {"containers": []},
            "status": {"phase": "Running", "conditions": conditions},
        }
    return found


def crowded(pods: str) -> dict[str, Any]:
    """All provisioners on one node that takes so many pods."""
    found = deployment("coder-provisioner", "coder-ws", 12)
    for one in found.values():
        one["spec"]["nodeName"] = "a"
    return found | {"/api/v1/nodes/a": {"metadata": {"name": "a"}, "status": {"allocatable": {"pods": pods}}}}


PROVISIONERS = deployment("coder-provisioner", "coder-ws", 12)
EXPORTING = deployment(EXPORTER, EXPORTER, 1)
ALL = {**NODE, **scaled(), **PROVISIONERS, **EXPORTING}

CASES: Mapping[str, tuple[Mapping[str, Any], str, str]] = {
    "as it should be": (ALL, "go", "from 12 up to 20 provisioners by the queue"),
    "without KEDA's word on a pause": (ALL | scaled(Paused=None), "go", ""),
    "nothing that failed yet": (ALL | scaled(Fallback="Unknown"), "go", ""),
    "not ready": (ALL | scaled(Ready="False"), "no-go", "ScaledObject Ready: why"),
    "ready, perhaps": (ALL | scaled(Ready="Unknown"), "no-go", "ScaledObject Ready: why"),
    "never looked at": (ALL | scaled(Ready=None), "no-go", "KEDA has not looked at it"),
    "fallen back": (ALL | scaled(Fallback="True"), "no-go", "ScaledObject Fallback: why"),
    "paused": (ALL | scaled(Paused="True"), "no-go", "ScaledObject Paused: why"),
    "a floor of before": (ALL | scaled(6), "no-go", "it keeps 6 provisioners at least, 12 are planned"),
    "an old number": (
        ALL | deployment(EXPORTER, EXPORTER, 1, is_ready=False),
        "no-go",
        "no exporter with a number of the last minute",
    ),
    "no exporter": ({**NODE, **scaled(), **PROVISIONERS}, "no-go", "no exporter with a number of the last minute"),
    "no ScaledObject": ({**NODE, **PROVISIONERS, **EXPORTING}, "no-go", f"no ScaledObject {QUEUE_SCALER} in coder-ws"),
    "room": (ALL | quota("q", {"pods": "20"}, {"pods": "12"}), "go", ""),
    "no room": (
        ALL | quota("q", {"pods": "20"}, {"pods": "13"}),
        "no-go",
        "quota q leaves 7 pods, the ceiling needs 8 more",
    ),
    "no room, counted as objects": (ALL | quota("q", {"count/pods": "7"}), "no-go", "quota q leaves 7 pods"),
    "room on their nodes": (ALL | crowded("24"), "go", ""),
    "room on their nodes for some": (ALL | crowded("15"), "warning", "room for 3 more, the ceiling needs 8"),
    "of something else": (ALL | quota("q", {"services": "0"}), "go", ""),
}


@pytest.mark.parametrize("name", CASES)
def test_provisioners_follow_the_queue(name: str, tmp_path: Path) -> None:
    objects, verdict, words = CASES[name]
    with clusters(tmp_path, objects) as kubeconfig:
        given = site(kubeconfig=kubeconfig, users=20, autoscaling={"enabled": True})
        (result,) = results(QueueFollowed(), given, OHIO)
    assert result["verdict"] == verdict, result
    assert words in result["found"]
    if verdict == "warning":
        assert result["fix"].endswith("--path 'workshop:organizations[0].minimum_provisioners' 20")


def test_what_is_wrong_is_said_at_once_with_where_to_look(tmp_path: Path) -> None:
    with clusters(tmp_path, ALL | scaled(6, Paused="True")) as kubeconfig:
        given = site(kubeconfig=kubeconfig, users=20, autoscaling={"enabled": True})
        (result,) = results(QueueFollowed(), given, OHIO)
    assert result["found"] == "ScaledObject Paused: why; it keeps 6 provisioners at least, 12 are planned"
    assert result["fix"] == f"kubectl --context coder-ohio -n coder-ws describe scaledobject {QUEUE_SCALER}"


def test_a_fixed_number_is_not_asked_for(tmp_path: Path) -> None:
    with clusters(tmp_path, NODE) as kubeconfig:
        (result,) = results(QueueFollowed(), site(kubeconfig=kubeconfig, users=20), OHIO)
    assert (result["verdict"], result["found"]) == ("go", "the number of provisioners is fixed")
