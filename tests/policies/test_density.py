"""density: the kubelet itself limits how many workspaces share a node."""

from __future__ import annotations

from policies.density import DENSITY
from policies.pack.testing import UNKNOWN, Resource, judge
from tests.policies.declared import node_class, patch_of
from tests.policies.expecting import by_patch, empty, exemption, missing, refused, sandbox, takes, unknown, wrong_type

PODS = "spec.kubelet.maxPods"


def with_pods(count: object) -> Resource:
    return node_class(kubelet={"maxPods": count})


def room(workspaces: int) -> str:
    return f"spec.kubelet.maxPods leaves room for {workspaces} workspaces beside 6 DaemonSet pods"


def test_pass_with_three_workspaces_beside_six_daemonset_pods() -> None:
    assert judge(DENSITY, with_pods(9), stack=sandbox) == []


def test_fail_on_a_node_that_takes_the_workshop_with_it() -> None:
    assert judge(DENSITY, with_pods(110)) == [
        refused(DENSITY, f"{room(104)}, at most 4 may share a node", "set spec.kubelet.maxPods to 10")
    ]


def test_fail_on_pods_per_core() -> None:
    assert judge(DENSITY, node_class(kubelet={"maxPods": 9, "podsPerCore": 2})) == [
        refused(
            DENSITY,
            "spec.kubelet.podsPerCore is 2, which changes maxPods with the size of the node",
            "remove podsPerCore",
        )
    ]


def test_fail_on_a_patch_that_changes_the_kubelet() -> None:
    assert judge(DENSITY, patch_of(node_class(), kubelet={"maxPods": 9})) == [by_patch(DENSITY, "spec.kubelet")]
    assert judge(DENSITY, patch_of(node_class(), amiFamily="AL2023")) == []


def test_boundary_of_most_and_fewest() -> None:
    assert judge(DENSITY, with_pods(10)) == []
    assert judge(DENSITY, with_pods(11)) == [
        refused(DENSITY, f"{room(5)}, at most 4 may share a node", "set spec.kubelet.maxPods to 10")
    ]
    assert judge(DENSITY, with_pods(7)) == []
    assert judge(DENSITY, with_pods(6)) == [
        refused(DENSITY, f"{room(0)}, the plan counts on 1", "set spec.kubelet.maxPods to 7", "workspaces stay pending")
    ]
    assert judge(DENSITY, with_pods(8), stack=sandbox) == [
        refused(DENSITY, f"{room(2)}, the plan counts on 3", "set spec.kubelet.maxPods to 9", "workspaces stay pending")
    ]


def test_boundary_of_the_options() -> None:
    assert takes(DENSITY, "maxUsersPerNode", 1)
    assert not takes(DENSITY, "maxUsersPerNode", 0)


def test_boundary_one_pod_is_a_number_of_pods() -> None:
    assert judge(DENSITY, with_pods(1)) == [
        refused(
            DENSITY, f"{room(-5)}, the plan counts on 1", "set spec.kubelet.maxPods to 7", "workspaces stay pending"
        )
    ]
    assert judge(DENSITY, with_pods(0)) == [wrong_type(DENSITY, PODS, "the number 0", "1 or more")]


def test_boundary_the_stack_may_ask_for_less_than_the_option() -> None:
    three = '{"max_users_per_node": 3}'

    assert judge(DENSITY, with_pods(10), stack=lambda: sandbox(20, ("workshop:workspaces", three))) == [
        refused(DENSITY, f"{room(4)}, at most 3 may share a node", "set spec.kubelet.maxPods to 9")
    ]


def test_unknown_pods() -> None:
    assert judge(DENSITY, with_pods(UNKNOWN)) == [unknown(DENSITY, PODS)]


def test_missing_pods() -> None:
    assert judge(DENSITY, node_class(kubelet={})) == [missing(DENSITY, PODS)]


def test_wrong_type_of_pods() -> None:
    assert judge(DENSITY, with_pods("9")) == [wrong_type(DENSITY, PODS, "the text '9'", "a number")]


def test_empty_pods() -> None:
    assert judge(DENSITY, with_pods(None)) == [missing(DENSITY, PODS)]
    assert judge(DENSITY, node_class().with_input("metadata.name", "")) == [empty(DENSITY, "metadata.name")]


def test_exempt() -> None:
    assert judge(DENSITY, with_pods(110), exemptions=[exemption(DENSITY, node_class())]) == []
    assert judge(DENSITY, with_pods(110), config={"notForWorkspaces": ["workshop-workspaces"]}) == []
