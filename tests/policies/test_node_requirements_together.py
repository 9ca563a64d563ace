"""Requirements, limits, taints and clusters taken together (gate, points 3, 5, 8, 11, 14, 15)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from policies.node_requirements import NODE_REQUIREMENTS
from policies.pack.testing import Resource, judge
from tests.policies.declared import node_class, node_pool, one_of, patch_of
from tests.policies.expecting import sandbox, wrong_type
from tests.policies.test_node_requirements import LIST, found, judged, pool

OHIO, OREGON, ELSEWHERE = (
    Resource(type="pulumi:providers:kubernetes", name=context, inputs={"context": context})
    for context in ("coder-ohio", "coder-oregon", "kind-elsewhere")
)


def test_gate_3_a_pool_in_the_cluster_of_another_region() -> None:
    oregon = replace(node_pool(), provider=OREGON)
    assert found(
        "topology.kubernetes.io/zone allows us-east-2c, the pool is in the cluster of us-west-2",
        "require topology.kubernetes.io/zone In [us-west-2a, us-west-2b]",
        "a node in another region never joins the cluster",
    ) in judge(NODE_REQUIREMENTS, replace(node_class(), provider=OREGON), oregon, stack=sandbox)
    ohio = replace(node_pool(), provider=OHIO)
    assert judge(NODE_REQUIREMENTS, replace(node_class(), provider=OHIO), ohio, stack=sandbox) == []
    elsewhere = replace(node_pool(), provider=ELSEWHERE)
    assert judge(NODE_REQUIREMENTS, replace(node_class(), provider=ELSEWHERE), elsewhere, stack=sandbox) == [
        found(
            "the pool's provider reaches 'kind-elsewhere', which is no cluster of workshop:regions",
            "declare it on the provider of a region's cluster",
        )
    ]


def test_gate_3_limits_are_those_of_the_cluster_s_region() -> None:
    zones = pool(3, one_of("topology.kubernetes.io/zone", "us-west-2a", "us-west-2b"))
    small = replace(zones.with_input("spec.limits", {"cpu": "47"}), provider=OREGON)
    assert judge(NODE_REQUIREMENTS, replace(node_class(), provider=OREGON), small, stack=sandbox) == [
        found("spec.limits.cpu is 47, the plan for us-west-2 needs 48", "set spec.limits.cpu to 48")
    ]


def test_gate_3_a_class_of_another_cluster_is_not_the_pool_s() -> None:
    elsewhere, here = replace(node_class(), provider=OREGON), replace(node_pool(), provider=OHIO)
    assert judge(NODE_REQUIREMENTS, elsewhere, here) == [
        found(
            "the node class 'workshop-workspaces' is not declared in this stack for the cluster coder-ohio",
            "declare it, or write one of: none declared",
        )
    ]
    same = replace(node_class(), provider=replace(OHIO, name="another provider"))
    assert judge(NODE_REQUIREMENTS, elsewhere, same, here) == []
    assert judge(NODE_REQUIREMENTS, elsewhere, node_pool()) == []


def with_requirement(key: str, operator: str, *values: str, **more: object) -> Resource:
    """A pool with one more."""
    present = node_pool().inputs["spec"]["template"]["spec"]["requirements"]
    added = {"key": f"karpenter.k8s.aws/instance-{key}", "operator": operator, "values": list(values), **more}
    return node_pool().with_input(LIST, [*present, added])


@pytest.mark.parametrize(
    ("key", "operator", "values"),
    [
        ("family", "In", ["c7a"]),
        ("category", "NotIn", ["c", "m"]),
        ("cpu", "Lt", ["16"]),
        ("generation", "Gt", ["6"]),
        ("memory", "In", ["32000"]),
        ("gpu-count", "Gt", ["0"]),
    ],
)
def test_gate_5_no_instance_type_is_left(key: str, operator: str, values: list[str]) -> None:
    name = f"karpenter.k8s.aws/instance-{key}"
    problem = found(
        f"no instance type meets all requirements: c6a.4xlarge, m6a.4xlarge do not meet that on {name}",
        f"remove the requirement on {name}",
        "Karpenter starts no node",
    )
    assert judged(with_requirement(key, operator, *values)) == [problem]
    assert judged(with_requirement(key, operator, *values), stack=sandbox) == [problem]


def test_gate_5_requirements_that_hold_one_by_one() -> None:
    present = node_pool().inputs["spec"]["template"]["spec"]["requirements"]
    pair = [
        {"key": "karpenter.k8s.aws/instance-memory", "operator": "Gt", "values": ["40000"]},
        {"key": "karpenter.k8s.aws/instance-category", "operator": "In", "values": ["c"]},
    ]
    assert judged(node_pool().with_input(LIST, [*present, pair[0]])) == []
    assert judged(node_pool().with_input(LIST, [*present, pair[1]])) == []
    assert judged(node_pool().with_input(LIST, [*present, *pair])) == [
        found(
            "no instance type meets all requirements: c6a.4xlarge, m6a.4xlarge do not meet that on "
            "karpenter.k8s.aws/instance-category or karpenter.k8s.aws/instance-memory",
            "remove the requirement on karpenter.k8s.aws/instance-category",
            "Karpenter starts no node",
        )
    ]
    none = [*present, one_of("karpenter.k8s.aws/instance-family", "x"), one_of("karpenter.k8s.aws/instance-size", "y")]
    assert judged(node_pool().with_input(LIST, none)) == [
        found(
            "no instance type meets all requirements: c6a.4xlarge, m6a.4xlarge do not meet several of them",
            "keep one requirement beside the types'",
            "Karpenter starts no node",
        )
    ]


def test_gate_5_labels_of_the_template_are_requirements_too() -> None:
    label = {"karpenter.k8s.aws/instance-family": "c7a"}
    assert len(judged(node_pool().with_input("spec.template.metadata", {"labels": label}))) == 1
    own = {"node.coder.io/used-for": "coder-ws-all", "karpenter.k8s.aws/instance-family": "c6a"}
    assert judged(node_pool().with_input("spec.template.metadata", {"labels": own})) == []


def test_gate_5_min_values_that_the_types_left_do_not_have() -> None:
    assert judged(with_requirement("cpu", "Gt", "1", minValues=2)) == [
        found(
            "minValues of karpenter.k8s.aws/instance-cpu is 2, the instance types that are left have 1 (16)",
            "set minValues of karpenter.k8s.aws/instance-cpu to 1",
            "Karpenter starts no node with fewer",
        )
    ]
    assert judged(with_requirement("memory", "Gt", "1", minValues=2)) == []
    assert judged(with_requirement("gpu-name", "NotIn", "t4", minValues=1)) == [
        found(
            "minValues of karpenter.k8s.aws/instance-gpu-name is 1, the instance types that are left have 0",
            "remove minValues of karpenter.k8s.aws/instance-gpu-name",
            "Karpenter starts no node with fewer",
        )
    ]


def test_gate_5_limits_of_every_resource() -> None:
    """Four nodes and one more, of 16 vCPU, 64 GiB, 224 GiB of storage and 9 pods."""
    enough = {"cpu": "80", "memory": "320Gi", "ephemeral-storage": "1120Gi", "nodes": "5", "pods": "45"}
    assert judged(node_pool(limits=enough), stack=sandbox) == []
    for key, value, needed in (
        ("ephemeral-storage", "1119Gi", "1120Gi"),
        ("nodes", "4", "5"),
        ("pods", "44", "45"),
    ):
        assert judged(node_pool(limits={**enough, key: value}), stack=sandbox) == [
            found(
                f"spec.limits.{key} is {value}, the plan for us-east-2 needs {needed}",
                f"set spec.limits.{key} to {needed}",
            )
        ]


def taint(key: str, value: str = "", effect: str = "NoSchedule") -> dict[str, str]:
    return {"key": key, "effect": effect, **({"value": value} if value else {})}


def test_gate_8_taints_that_workspaces_do_not_tolerate() -> None:
    path = "spec.template.spec.taints"
    good = [taint("dedicated", "coder-ws"), taint("a", effect="PreferNoSchedule")]
    assert judged(node_pool().with_input(path, good)) == []
    for bad, written in (
        (taint("a"), "a=:NoSchedule"),
        (taint("dedicated", "coder-provisioner"), "dedicated=coder-provisioner:NoSchedule"),
        (taint("dedicated", "coder-ws", "NoExecute"), "dedicated=coder-ws:NoExecute"),
    ):
        assert judged(node_pool().with_input(path, [bad])) == [
            found(
                f"{path}[0] is {written}, which workspaces do not tolerate",
                f"remove {path}[0], or list it in the option toleratedTaints if templates tolerate it",
                "they stay pending, and Karpenter starts no node for them",
            )
        ]
        assert judged(node_pool().with_input(path, [bad]), config={"toleratedTaints": [written]}) == []
        patched = patch_of(node_pool(), template={"spec": {"taints": [bad]}})
        assert len(judge(NODE_REQUIREMENTS, patched)) == 1
    at_start = node_pool().with_input("spec.template.spec.startupTaints", [taint("node.cilium.io/agent-not-ready")])
    assert judged(at_start) == [
        found(
            "spec.template.spec.startupTaints[0] is node.cilium.io/agent-not-ready=:NoSchedule, which workspaces do "
            "not tolerate and nothing here removes",
            "remove spec.template.spec.startupTaints[0], or list it in the option toleratedTaints if something removes "
            "it",
            "workspaces wait until something removes it",
        )
    ]
    assert judged(at_start, config={"toleratedTaints": ["node.cilium.io/agent-not-ready=:NoSchedule"]}) == []


def test_gate_11_static_pools() -> None:
    def static(replicas: object) -> Resource:
        return node_pool(replicas=replicas, limits={})

    assert judged(static(4), stack=sandbox) == []
    assert judged(static(4).without_input("spec.limits"), stack=sandbox) == []
    assert judged(static(4).with_input("spec.limits", {"nodes": "4"}), stack=sandbox) == []
    assert judged(static(3), stack=sandbox) == [
        found(
            "spec.replicas is 3, the plan for us-east-2 needs 4 nodes",
            "set spec.replicas to 4",
            "a static pool does not grow: workspaces stay pending",
        )
    ]
    assert judged(node_pool(replicas=4, weight=10)) == [
        found(f"spec.limits has '{key}', a static pool takes nodes only", f"remove spec.limits.{key}", REFUSED)
        for key in ("cpu", "memory")
    ] + [found("spec.weight is declared, a static pool has none", "remove spec.weight", REFUSED)]
    assert judged(static(5).with_input("spec.limits", {"nodes": "4"})) == [
        found("spec.limits.nodes is 4, spec.replicas is 5", "set spec.limits.nodes to 5")
    ]
    assert judged(static("4")) == [wrong_type(NODE_REQUIREMENTS, "spec.replicas", "the text '4'", "a number")]
    assert judged(static(0), stack=sandbox) != []


REFUSED = "the API server refuses it"


def test_gate_14_a_key_that_is_like_none_is_not_taken_for_one() -> None:
    for key in ("example.com/team", "kubernetes.io/foo", "kubernetes.io/hostnamex"):
        assert judged(pool(1, one_of(key, "a"))) == [
            found(
                f"{LIST}[1].key is '{key}', which Karpenter does not know: it constrains nothing",
                f"remove it, or list {key} in ownKeys",
            )
        ]


def test_gate_15_pools_that_run_no_workspaces_and_bare_metal() -> None:
    spot = pool(0, one_of("karpenter.sh/capacity-type", "spot"))
    assert judged(spot, config={"notForWorkspaces": ["workshop-workspaces"]}) == []
    assert judged(spot) != []
    assert judged(with_requirement("hypervisor", "NotIn", "")) == []


def test_every_zone_that_is_left_out_is_named() -> None:
    stack = sandbox()
    ohio = stack.settings.regions[0].model_copy(update={"zones": ("us-east-2a", "us-east-2b", "us-east-2c")})
    settings = stack.settings.model_copy(update={"regions": (ohio, *stack.settings.regions[1:])})
    one_zone = pool(3, one_of("topology.kubernetes.io/zone", "us-east-2a"))
    assert judged(one_zone, stack=lambda: replace(stack, settings=settings)) == [
        found(
            "topology.kubernetes.io/zone leaves out us-east-2b, us-east-2c of us-east-2's zones",
            "add us-east-2b, us-east-2c",
        )
    ]
