"""replica-bounds: autoscalers, quotas and disruption budgets leave room for the replicas that the plan asks for."""

from __future__ import annotations

from typing import Any

import pytest

from policies.pack.testing import UNKNOWN, Resource, judge
from policies.replica_bounds import PAUSED_REPLICAS, REPLICA_BOUNDS
from tests.policies.expecting import empty, exemption, missing, refused, sandbox, unknown, wrong_type

KEY = "coder-ws/coder-provisioner"


def declared(kind: str, spec: dict[str, Any], namespace: str = "coder-ws", **annotations: str) -> Resource:
    return Resource(
        type=f"kubernetes:{kind}",
        inputs={
            "metadata": {
                "name": "a",
                "namespace": namespace,
                **({"annotations": {PAUSED_REPLICAS: annotations["paused"]}} if annotations else {}),
            },
            "spec": spec,
        },
    )


def hpa(least: object = 12, most: object = 20, name: str = "coder-provisioner", version: str = "v2") -> Resource:
    spec = {"scaleTargetRef": {"kind": "Deployment", "name": name}, "minReplicas": least, "maxReplicas": most}
    return declared(f"autoscaling/{version}:HorizontalPodAutoscaler", {k: v for k, v in spec.items() if v is not None})


def scaled(paused: str | None = None, **spec: object) -> Resource:
    target = {"scaleTargetRef": {"name": "coder-provisioner"}, "minReplicaCount": 12}
    annotations = {"paused": paused} if paused is not None else {}
    return declared("keda.sh/v1alpha1:ScaledObject", {**target, **spec}, **annotations)


def quota(**hard: object) -> Resource:
    return declared("core/v1:ResourceQuota", {"hard": hard})


def budget(least: object, labels: dict[str, str] | None = None, namespace: str = "coder-ws") -> Resource:
    return declared(
        "policy/v1:PodDisruptionBudget", {"minAvailable": least, "selector": {"matchLabels": labels or {}}}, namespace
    )


def below(path: str, found: object, floor: int = 12) -> str:
    return refused(REPLICA_BOUNDS, f"{path} is {found}, the plan has {floor} of {KEY}", f"set {path} to {floor}")


def said(*resources: Resource) -> list[str]:
    return judge(REPLICA_BOUNDS, *resources, stack=sandbox)


def test_pass_with_room_for_the_plan() -> None:
    assert said(hpa(), scaled(), scaled(paused="12"), quota(pods="22"), budget(11), budget("50%")) == []
    assert said(hpa(1, 1, "something-else")) == []
    assert said(declared("core/v1:ResourceQuota", {"hard": {"pods": "1"}}, "elsewhere"), quota()) == []


def test_gate_9_autoscalers_of_kubernetes() -> None:
    assert said(hpa(1, 3)) == [below("spec.minReplicas", 1), below("spec.maxReplicas", 3)]
    assert said(hpa(None, 20)) == [below("spec.minReplicas", "1 by default")]
    assert said(hpa(11, 12, version="v1")) == [below("spec.minReplicas", 11)]
    assert judge(REPLICA_BOUNDS, hpa(5, 6)) == [below("spec.minReplicas", 5, 6)]


def test_gate_9_scaled_objects_also_paused() -> None:
    assert said(scaled(minReplicaCount=2)) == [below("spec.minReplicaCount", 2)]
    assert said(scaled(minReplicaCount=None, maxReplicaCount=10)) == [
        below("spec.minReplicaCount", "0 by default"),
        below("spec.maxReplicaCount", 10),
    ]
    assert said(scaled(idleReplicaCount=12, fallback={"failureThreshold": 3, "replicas": 12})) == []
    assert PAUSED_REPLICAS == "autoscaling.keda.sh/paused-replicas"
    assert said(scaled(idleReplicaCount=0)) == [below("spec.idleReplicaCount", 0)]
    assert said(scaled(fallback={"failureThreshold": 3, "replicas": 6})) == [below("spec.fallback.replicas", 6)]
    keeping = {"failureThreshold": 3, "replicas": 6, "behavior": "currentReplicasIfHigher"}
    assert said(scaled(fallback=keeping)) == []
    assert said(scaled(fallback=keeping | {"behavior": "static"})) == [below("spec.fallback.replicas", 6)]
    for paused in ("0", "11", "many"):
        assert said(scaled(paused=paused)) == [below(f"metadata.annotations.{PAUSED_REPLICAS}", f"'{paused}'")]


def needs(key: str, found: str, needed: str) -> str:
    return refused(
        REPLICA_BOUNDS,
        f"spec.hard.{key} is {found}, the plan needs {needed} in coder-ws",
        f"set spec.hard.{key} to {needed}",
    )


def test_gate_9_quotas_of_a_workspace_namespace() -> None:
    """12 provisioners and, of 20 users, the ten of the region that has most."""
    assert said(quota(pods="21")) == [needs("pods", "21", "22")]
    assert said(quota(**{"count/pods": "4"})) == [needs("count/pods", "4", "22")]
    assert said(quota(**{"requests.cpu": "39", "limits.memory": "79Gi", "requests.ephemeral-storage": "199Gi"})) == [
        needs("requests.cpu", "39", "40"),
        needs("limits.memory", "79Gi", "80Gi"),
        needs("requests.ephemeral-storage", "199Gi", "200Gi"),
    ]
    assert said(quota(**{"memory": "80Gi", "cpu": "40", "ephemeral-storage": "200Gi"})) == []
    assert judge(REPLICA_BOUNDS, quota(pods="5", cpu="1")) == [needs("pods", "5", "6")]


def test_gate_9_quota_of_a_region_s_own_cluster() -> None:
    london = Resource(type="pulumi:providers:kubernetes", inputs={"context": "coder-london"})
    small = Resource(type=quota().type, inputs=quota(pods="15").inputs, provider=london)
    assert said(small) == [needs("pods", "15", "16")]


def test_gate_9_disruption_budgets() -> None:
    of_plan = refused(
        REPLICA_BOUNDS, f"spec.minAvailable is 13, the plan has 12 of {KEY}", "set spec.minAvailable to 11"
    )
    assert said(budget(13)) == [of_plan]
    assert said(budget(13, {"app.kubernetes.io/name": "coder-provisioner"})) == [of_plan]
    assert said(budget(13, {"app": "another"})) == [of_plan]


def test_gate_9_disruption_budget_of_one_of_two_deployments() -> None:
    """By its labels; where they tell nothing, neither is judged."""
    litellm = '{"namespace": "coder", "deployment": "litellm", "container": "litellm", "replicas": 4}'

    def of_two(least: int, labels: dict[str, str] | None = None) -> list[str]:
        return judge(
            REPLICA_BOUNDS, budget(least, labels, "coder"), stack=lambda: sandbox(20, ("workshop:litellm", litellm))
        )

    few = refused(REPLICA_BOUNDS, "spec.minAvailable is 3, the plan has 2 of coder/coder", "set spec.minAvailable to 1")
    assert of_two(3, {"app": "coder"}) == [few]
    assert of_two(3, {"app": "litellm"}) == []
    assert len(of_two(7, {"app": "litellm"})) == 1
    assert of_two(99) == of_two(99, {"app": "other"}) == []


def test_gate_9_elsewhere_only_pods_are_needed() -> None:
    experiment = declared("core/v1:ResourceQuota", {"hard": {"pods": "2", "cpu": "1"}}, "coder-ws-experiment")
    assert said(experiment) == []
    assert len(said(experiment.with_input("spec.hard.pods", "1"))) == 1
    assert said(budget(12), budget(3, {"app": "x"}, "elsewhere"), declared("policy/v1:PodDisruptionBudget", {})) == []


def test_fail_on_each_kind() -> None:
    assert len(said(hpa(1), scaled(minReplicaCount=0), quota(pods="1"), budget(99))) == 4


def test_boundary_of_the_floor() -> None:
    assert said(hpa(12, 12), scaled(minReplicaCount=12, maxReplicaCount=12), quota(pods="22"), budget(12)) == []
    assert len(said(hpa(11, 12), scaled(minReplicaCount=11), quota(pods="21"), budget(13))) == 4


def test_unknown_least() -> None:
    assert said(hpa(UNKNOWN)) == [unknown(REPLICA_BOUNDS, "spec.minReplicas")]


def test_missing_target_and_most() -> None:
    assert said(hpa(12, None)) == [missing(REPLICA_BOUNDS, "spec.maxReplicas")]
    assert said(hpa().without_input("spec.scaleTargetRef")) == [missing(REPLICA_BOUNDS, "spec.scaleTargetRef")]


@pytest.mark.parametrize("count", ["12", 1.5])
def test_wrong_type_of_least(count: object) -> None:
    described = "the text '12'" if isinstance(count, str) else "the number 1.5"
    wanted = "a number" if isinstance(count, str) else "a whole number"
    assert said(hpa(count)) == [wrong_type(REPLICA_BOUNDS, "spec.minReplicas", described, wanted)]


def test_empty_target() -> None:
    assert said(hpa(name="")) == [empty(REPLICA_BOUNDS, "spec.scaleTargetRef.name")]


def test_exempt() -> None:
    declared_hpa = hpa(1)
    assert judge(REPLICA_BOUNDS, declared_hpa, exemptions=[exemption(REPLICA_BOUNDS, declared_hpa)]) == []
