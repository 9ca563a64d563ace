"""replica-floor: as many provisioners, servers, proxies and LiteLLM pods as the users need, in every region."""

from __future__ import annotations

from dataclasses import replace

import pytest

from policies.pack.testing import UNKNOWN, Resource, judge
from policies.replica_floor import REPLICA_FLOOR
from tests.policies.declared import replicas, server
from tests.policies.expecting import empty, exemption, missing, refused, sandbox, takes, unknown, wrong_type
from workshop.model.plan.workloads import region_workloads

PROVISIONERS = "coder-ws/coder-provisioner"


def too_few(key: str, count: int, floor: int, users: int | None = None) -> str:
    for_users = f" for {users} users" if users else ""
    return refused(
        REPLICA_FLOOR,
        f"spec.replicas of {key} is {count}, must be {floor} or more{for_users}",
        f"set spec.replicas to {floor}",
    )


def whole_stack() -> list[Resource]:
    """Every Deployment of the plan, each on its own cluster's provider."""
    return [
        replace(
            replicas(12, deployment.namespace, deployment.name),
            name=f"{region.name}-{deployment.key}",
            provider=Resource(type="pulumi:providers:kubernetes", inputs={"context": region.cluster.context}),
        )
        for region in sandbox().settings.regions
        for deployment in region_workloads(sandbox().settings, region).deployments
    ]


def test_pass_with_enough_in_every_region() -> None:
    assert judge(REPLICA_FLOOR, *whole_stack(), stack=sandbox) == []


def test_fail_on_the_incident_s_six_provisioners() -> None:
    assert judge(REPLICA_FLOOR, replicas(6), stack=lambda: sandbox(11))[0] == too_few(PROVISIONERS, 6, 8, 11)


def test_fail_below_the_guide_s_first_row_without_a_plan() -> None:
    assert judge(REPLICA_FLOOR, replicas(5)) == [too_few(PROVISIONERS, 5, 6)]
    assert judge(REPLICA_FLOOR, replicas(3, "litellm", "litellm")) == [too_few("litellm/litellm", 3, 4)]


@pytest.mark.parametrize(
    ("namespace", "deployment", "floor"),
    [
        ("coder-ws", "coder-provisioner", 6),
        ("coder-ws-experiment", "coder-provisioner", 2),
        ("coder-ws-demo", "coder-provisioner", 2),
        ("litellm", "litellm", 4),
        ("coder", "coder", 2),
        ("coder-proxy", "coder", 2),
    ],
)
def test_boundary_of_what_the_platform_runs_without_a_workshop(namespace: str, deployment: str, floor: int) -> None:
    assert judge(REPLICA_FLOOR, replicas(floor, namespace, deployment)) == []
    assert judge(REPLICA_FLOOR, replicas(floor - 1, namespace, deployment)) == [
        too_few(f"{namespace}/{deployment}", floor - 1, floor)
    ]


def test_boundary_of_the_plan_s_server_proxy_and_litellm() -> None:
    for namespace, deployment, floor in (("coder", "coder", 2), ("coder-proxy", "coder", 2), ("litellm", "litellm", 6)):
        few = replicas(floor - 1, namespace, deployment)
        key = f"{namespace}/{deployment}"
        assert judge(REPLICA_FLOOR, few, config={"floors": {}}, stack=sandbox)[0] == too_few(key, floor - 1, floor, 20)


def test_boundary_of_the_options() -> None:
    assert takes(REPLICA_FLOOR, "floors", {PROVISIONERS: 1})
    assert not takes(REPLICA_FLOOR, "floors", {PROVISIONERS: 0})


def test_boundary_other_deployments_have_no_floor() -> None:
    assert judge(REPLICA_FLOOR, replicas(0, "elsewhere", "anything")) == []
    in_default = replicas(0).without_input("metadata.namespace")
    assert judge(REPLICA_FLOOR, in_default, config={"floors": {"default/coder-provisioner": 1}}) == [
        too_few("default/coder-provisioner", 0, 1)
    ]


def test_boundary_of_the_table() -> None:
    assert judge(REPLICA_FLOOR, replicas(11), stack=sandbox)[0] == too_few(PROVISIONERS, 11, 12, 20)
    assert too_few(PROVISIONERS, 12, 12, 20) not in judge(REPLICA_FLOOR, replicas(12), stack=sandbox)
    assert judge(REPLICA_FLOOR, replicas(6)) == []


def test_boundary_an_option_raises_the_floor_and_never_lowers_the_plan_s() -> None:
    assert judge(REPLICA_FLOOR, replicas(9), config={"floors": {PROVISIONERS: 10}}) == [too_few(PROVISIONERS, 9, 10)]
    lower = judge(REPLICA_FLOOR, replicas(9), config={"floors": {PROVISIONERS: 1}}, stack=sandbox)
    assert lower[0] == too_few(PROVISIONERS, 9, 12, 20)


def test_unknown_replicas() -> None:
    assert judge(REPLICA_FLOOR, replicas(UNKNOWN)) == [unknown(REPLICA_FLOOR, "spec.replicas")]


def test_missing_deployment_of_one_region() -> None:
    rest = [found for found in whole_stack() if found.name != "eu-west-2-coder-ws/coder-provisioner"]

    assert judge(REPLICA_FLOOR, *rest, stack=sandbox) == [
        refused(
            REPLICA_FLOOR,
            "nothing declares how many pods coder-ws/coder-provisioner has in eu-west-2",
            "declare replicas for it on the provider of the cluster of eu-west-2",
        )
    ]


def test_gate_9_a_scaled_object_declares_its_own_cluster_s_only() -> None:
    *rest, last = (one for one in whole_stack() if one.name.endswith("coder-ws/coder-provisioner"))
    others = [one for one in whole_stack() if one not in (*rest, last)]
    metadata, target = {"name": "a", "namespace": "coder-ws"}, {"scaleTargetRef": {"name": "coder-provisioner"}}
    scaled = Resource(
        type="kubernetes:keda.sh/v1alpha1:ScaledObject",
        name="scaled",
        inputs={"metadata": metadata, "spec": target},
        provider=last.provider,
    )
    assert judge(REPLICA_FLOOR, *rest, *others, scaled, stack=sandbox) == []
    assert len(judge(REPLICA_FLOOR, *rest[1:], last, *others, scaled, stack=sandbox)) == 1
    unnamed = replace(scaled, inputs={"metadata": metadata, "spec": {}})
    assert judge(REPLICA_FLOOR, *rest, *others, unnamed, stack=sandbox)[0] == missing(
        REPLICA_FLOOR, "spec.scaleTargetRef"
    )


def test_missing_replicas_of_a_whole_deployment() -> None:
    whole = Resource(type="kubernetes:apps/v1:Deployment", inputs=replicas(1).without_input("spec.replicas").inputs)

    assert judge(REPLICA_FLOOR, whole) == [missing(REPLICA_FLOOR, "spec.replicas")]
    assert judge(REPLICA_FLOOR, server()) == []


def test_wrong_type_of_replicas() -> None:
    assert judge(REPLICA_FLOOR, replicas("12")) == [
        wrong_type(REPLICA_FLOOR, "spec.replicas", "the text '12'", "a number")
    ]
    assert judge(REPLICA_FLOOR, replicas(12.5)) == [
        wrong_type(REPLICA_FLOOR, "spec.replicas", "the number 12.5", "a whole number")
    ]
    assert judge(REPLICA_FLOOR, replicas(True)) == [wrong_type(REPLICA_FLOOR, "spec.replicas", "true", "a number")]


def test_empty_name() -> None:
    assert judge(REPLICA_FLOOR, replicas(12, deployment="")) == [empty(REPLICA_FLOOR, "metadata.name")]


def test_exempt() -> None:
    assert judge(REPLICA_FLOOR, replicas(1), exemptions=[exemption(REPLICA_FLOOR, replicas(1))]) == []
