"""What keeps workspaces out, or scales back what the plan needs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.checks.cluster.test_nodes import OURS, node
from tests.checks.quick import clusters, results, site
from workshop.checks.cluster.limits import Autoscalers, NamespaceQuota, WorkspaceBounds

OHIO, OREGON, LONDON = ("us-east-2", "us-west-2", "eu-west-2")
NODE = {f"/api/v1/nodes/{OURS}": node(OURS, OURS)}


def quota(name: str, hard: Mapping[str, str], used: Mapping[str, str] | None = None) -> dict[str, Any]:
    path = f"/api/v1/namespaces/coder-ws/resourcequotas/{name}"
    return {path: {"metadata": {"name": name}, "spec": {"hard": hard}, "status": {"used": used or {}}}}


# Ohio is planned for 10 users, of 4 vCPU, 8 GiB and 20 GiB of storage each.
QUOTAS: Mapping[str, tuple[Mapping[str, Any], str, str]] = {
    "none": ({}, "go", "0 quotas in coder-ws"),
    "just enough": (quota("q", {"pods": "16", "requests.cpu": "40"}, {"pods": "6"}), "go", "1 quota in coder-ws"),
    "pods": (quota("q", {"pods": "15"}, {"pods": "6"}), "no-go", "q leaves pods for 9"),
    "pods, counted as objects": (quota("q", {"count/pods": "9"}), "no-go", "q leaves count/pods for 9"),
    "cpu": (quota("q", {"requests.cpu": "39500m"}), "no-go", "q leaves requests.cpu for 9"),
    "cpu, by its short name": (quota("q", {"cpu": "4"}), "no-go", "q leaves cpu for 1"),
    "memory": (
        quota("q", {"limits.memory": "80Gi"}, {"limits.memory": "1Mi"}),
        "no-go",
        "q leaves limits.memory for 9",
    ),
    "storage": (quota("q", {"requests.ephemeral-storage": "199Gi"}), "no-go", "requests.ephemeral-storage for 9"),
    "another resource": (quota("q", {"services": "0"}), "go", "1 quota"),
    "two": ({**quota("a", {"pods": "100"}), **quota("b", {"pods": "0"})}, "no-go", "b leaves pods for 0"),
    "used up": (quota("q", {"pods": "1"}, {"pods": "2"}), "no-go", "q leaves pods for -1"),
}


@pytest.mark.parametrize("name", QUOTAS)
def test_preflight_8_quotas_leave_room_for_everybody(name: str, tmp_path: Path) -> None:
    objects, verdict, words = QUOTAS[name]
    with clusters(tmp_path, {**NODE, **objects}) as kubeconfig:
        (result,) = results(NamespaceQuota(), site(kubeconfig=kubeconfig, users=20), OHIO)
    assert result["verdict"] == verdict
    assert words in result["found"]


def scaler(name: str, least: int | None, kind: str = "Deployment", at: str = "coder") -> dict[str, Any]:
    spec = {"scaleTargetRef": {"kind": kind, "name": name}, "maxReplicas": 3}
    spec |= {} if least is None else {"minReplicas": least}
    path = f"/apis/autoscaling/v2/namespaces/{at}/horizontalpodautoscalers/keda-hpa-{name}"
    return {path: {"metadata": {"name": f"keda-hpa-{name}", "namespace": at}, "spec": spec}}


SCALERS: Mapping[str, tuple[Mapping[str, Any], str, str]] = {
    "none": ({}, "go", "none of 5 Deployments"),
    "below": (scaler("coder", 1), "no-go", "keda-hpa-coder lets coder/coder go to 1, 2 are planned"),
    "by default below": (scaler("coder", None), "no-go", "lets coder/coder go to 1"),
    "to zero": (scaler("coder", 0), "no-go", "lets coder/coder go to 0"),
    "as many": (scaler("coder", 2), "go", ""),
    "another Deployment": (scaler("coder-logstream", 1), "go", ""),
    "another kind": (scaler("coder", 1, kind="StatefulSet"), "go", ""),
    "another namespace": (scaler("coder", 1, at="elsewhere"), "go", ""),
    "provisioners": (scaler("coder-provisioner", 6, at="coder-ws"), "no-go", "go to 6, 12 are planned"),
}


@pytest.mark.parametrize("name", SCALERS)
def test_preflight_8_autoscalers_leave_what_is_planned(name: str, tmp_path: Path) -> None:
    objects, verdict, words = SCALERS[name]
    with clusters(tmp_path, {**NODE, **objects}) as kubeconfig:
        (result,) = results(Autoscalers(), site(kubeconfig=kubeconfig, users=20), OHIO)
    assert result["verdict"] == verdict, result
    assert words in result["found"]


BOUNDS = "ai-coder-workshop-workspace-bounds"
EVENT = {"name": "october", "template": "coder/docker", "latest_end": "4h", "budget_usd": 900}


def bounds(*actions: str, policy: str = BOUNDS, declared: str = BOUNDS) -> dict[str, Any]:
    """A binding, and the policy that it is said to be of."""
    group = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolic"
    spec = {"policyName": policy, "validationActions": list(actions)}
    return {
        f"{group}ybindings/{BOUNDS}": {"metadata": {"name": BOUNDS}, "spec": spec},
        f"{group}ies/{declared}": {"metadata": {"name": declared}, "spec": {"validations": []}},
    }


BOUNDED: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "refused": (bounds("Deny"), "go"),
    "warned of": (bounds("Warn", "Audit"), "no-go"),
    "bound to another": (bounds("Deny", policy="another"), "no-go"),
    "without a policy": (bounds("Deny", declared="another"), "no-go"),
    "not there": ({}, "no-go"),
}


@pytest.mark.parametrize("name", BOUNDED)
def test_with_an_event_larger_workspaces_are_refused(name: str, tmp_path: Path) -> None:
    objects, verdict = BOUNDED[name]
    with clusters(tmp_path, {**NODE, **objects}) as kubeconfig:
        (result,) = results(WorkspaceBounds(), site(kubeconfig=kubeconfig, users=20, event=EVENT), OHIO)
        (without,) = results(WorkspaceBounds(), site(kubeconfig=kubeconfig, users=20), OHIO)
    assert (result["verdict"], without["verdict"]) == (verdict, "go")
    if verdict == "go":
        assert result["found"] == "4 processors and 8 GiB at most"
    else:
        assert (result["found"], result["fix"]) == (f"no {BOUNDS} that refuses", "pulumi up, once the window is open")
