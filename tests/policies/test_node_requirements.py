"""node-requirements: a pool's requirements mean what they say, and nodes that meet them can carry the plan."""

from __future__ import annotations

import pytest

from policies.node_requirements import NODE_REQUIREMENTS
from policies.pack.testing import UNKNOWN, Resource, judge
from tests.policies.declared import node_class, node_pool, one_of, patch_of
from tests.policies.expecting import by_patch, empty, exemption, missing, refused, sandbox, unknown, wrong_type

LIST = "spec.template.spec.requirements"
CATALOGUE = "c6a.32xlarge, c6a.4xlarge, c6a.8xlarge, c6a.xlarge, m5a.4xlarge, m6a.4xlarge, m6a.xlarge"


def pool(index: int, requirement: object) -> Resource:
    """A pool with one requirement replaced: 0 capacity type, 1 architecture, 2 instance types, 3 zones."""
    return node_pool().with_input(f"{LIST}.{index}", requirement)


def found(problem: str, fix: str, why: str | None = None) -> str:
    return refused(NODE_REQUIREMENTS, problem, fix, why)


def judged(*resources: Resource, **options: object) -> list[str]:
    """With the node class that pools refer to."""
    return judge(NODE_REQUIREMENTS, node_class(), *resources, **options)  # pyright: ignore[reportArgumentType] passed on


def test_pass_with_what_exists() -> None:
    assert judged(node_pool()) == []
    assert judged(node_pool(), stack=sandbox) == []


@pytest.mark.parametrize(
    ("misspelt", "right"),
    [
        ("kubernetes.sh/capacity-type", "karpenter.sh/capacity-type"),
        ("topology.kubernetes.io/zones", "topology.kubernetes.io/zone"),
        ("node.kubernetes.io/instance-typ", "node.kubernetes.io/instance-type"),
        ("arch", "kubernetes.io/arch"),
        ("example.com/a/zone", "topology.kubernetes.io/zone"),
    ],
)
def test_fail_on_keys_that_the_server_accepts(misspelt: str, right: str) -> None:
    assert judged(pool(1, one_of(misspelt, "amd64"))) == [
        found(f"{LIST}[1].key is '{misspelt}', which Karpenter does not know: it constrains nothing", f"write {right}")
    ]


@pytest.mark.parametrize(
    ("index", "key", "value", "allowed"),
    [
        (0, "karpenter.sh/capacity-type", "spot", "on-demand"),
        (0, "karpenter.sh/capacity-type", "ondemand", "on-demand"),
        (1, "kubernetes.io/arch", "x86_64", "amd64, arm64"),
        (1, "kubernetes.io/os", "windows", "linux"),
    ],
)
def test_fail_on_values_that_must_not_come(index: int, key: str, value: str, allowed: str) -> None:
    assert judged(pool(index, one_of(key, value))) == [
        found(f"{key} allows '{value}', must be one of {allowed}", f"remove '{value}'")
    ]


def test_fail_on_a_type_that_does_not_exist() -> None:
    assert judged(pool(2, one_of("node.kubernetes.io/instance-type", "c6a.4xlarge", "c5a.32xlarge"))) == [
        found(
            "the instance type 'c5a.32xlarge' is not in the catalogue",
            f"take one of {CATALOGUE}, or add it to the catalogue with its source",
        )
    ]


@pytest.mark.parametrize(
    ("zone", "fix"),
    [
        ("us-east-2z", "write us-east-2a or us-east-2b or us-east-2c"),
        ("us-east-2", "write the zone's name, such as us-east-2c"),
        ("mars-1a", "write the zone's name, such as us-east-2c"),
    ],
)
def test_fail_on_a_zone_that_does_not_exist(zone: str, fix: str) -> None:
    assert judged(pool(3, one_of("topology.kubernetes.io/zone", "us-east-2c", zone))) == [
        found(f"topology.kubernetes.io/zone allows '{zone}', not an availability zone", fix)
    ]


def test_boundary_of_zones_whose_region_is_not_in_the_catalogue() -> None:
    assert judged(pool(3, one_of("topology.kubernetes.io/zone", "ap-south-1z"))) == []


@pytest.mark.parametrize(
    ("second", "key"),
    [
        (one_of("kubernetes.io/arch", "arm64"), "kubernetes.io/arch"),
        ({"key": "kubernetes.io/arch", "operator": "NotIn", "values": ["amd64"]}, "kubernetes.io/arch"),
        ({"key": "kubernetes.io/arch", "operator": "DoesNotExist"}, "kubernetes.io/arch"),
    ],
)
def test_fail_on_requirements_that_exclude_each_other(second: object, key: str) -> None:
    requirements = [*node_pool().inputs["spec"]["template"]["spec"]["requirements"], second]

    assert judged(node_pool().with_input(LIST, requirements)) == [
        found(f"the requirements on {key} contradict each other", f"keep one requirement on {key}")
    ]


def test_fail_on_a_reference_to_no_node_class() -> None:
    wrong = node_pool().with_input("spec.template.spec.nodeClassRef.kind", "KWOKNodeClass")

    assert judged(wrong) == [
        found("spec.template.spec.nodeClassRef.kind is 'KWOKNodeClass', must be EC2NodeClass", "write EC2NodeClass")
    ]
    assert judge(NODE_REQUIREMENTS, node_pool()) == [
        found(
            "the node class 'workshop-workspaces' is not declared in this stack",
            "declare it, or write one of: none declared",
        )
    ]
    assert judge(NODE_REQUIREMENTS, node_pool(), config={"existingNodeClasses": ["b", "a"]})[0].endswith(
        "declare it, or write one of: a, b"
    )
    assert judge(NODE_REQUIREMENTS, node_pool(), config={"existingNodeClasses": ["workshop-workspaces"]}) == []


def test_fail_on_limits_that_limit_nothing_or_are_too_small() -> None:
    assert judged(node_pool(limits={"cpus": "80", "cpu": "80"})) == [
        found(
            "spec.limits has 'cpus', not a resource of a node",
            "remove cpus, or write one of amd.com/gpu, cpu, ephemeral-storage, memory, nodes, nvidia.com/gpu, pods",
        )
    ]
    assert judged(node_pool(limits={"memory": "1Gi"})) == [
        found("spec.limits.cpu is missing", "set spec.limits.cpu", "the pool could grow without end")
    ]
    assert judged(node_pool(limits={"cpu": "79", "memory": "319Gi"}), stack=sandbox) == [
        found("spec.limits.cpu is 79, the plan for us-east-2 needs 80", "set spec.limits.cpu to 80"),
        found("spec.limits.memory is 319Gi, the plan for us-east-2 needs 320Gi", "set spec.limits.memory to 320Gi"),
    ]


def test_fail_on_zones_and_types_that_cannot_carry_the_plan() -> None:
    elsewhere = pool(3, one_of("topology.kubernetes.io/zone", "us-east-2a"))
    assert judged(elsewhere, stack=sandbox) == [
        found("topology.kubernetes.io/zone leaves out us-east-2c of us-east-2's zones", "add us-east-2c")
    ]
    anywhere = node_pool().without_input(f"{LIST}.3")
    assert judged(anywhere, stack=sandbox)[0].startswith("topology.kubernetes.io/zone allows any zone, which is no one")
    spread = pool(3, one_of("topology.kubernetes.io/zone", "us-west-2a", "us-east-2c"))
    assert judged(spread, stack=sandbox)[0].startswith("topology.kubernetes.io/zone allows us-east-2c, us-west-2a, ")
    nowhere = pool(3, one_of("topology.kubernetes.io/zone", "ap-south-1a"))
    assert judged(nowhere, stack=sandbox) == [
        found(
            "topology.kubernetes.io/zone allows ap-south-1a, which is no one region of the settings",
            "require topology.kubernetes.io/zone In the zones of one region in workshop:regions",
        )
    ]
    small = pool(2, one_of("node.kubernetes.io/instance-type", "m6a.xlarge"))
    assert judged(small, stack=sandbox) == [
        found(
            "m6a.xlarge holds 0 workspaces, the plan counts on 3 a node",
            "remove m6a.xlarge, or name it in workshop:workspaces.instance_types and plan with it",
        )
    ]


def bounds(*pairs: tuple[str, str]) -> Resource:
    """A pool with number bounds on its CPUs."""
    requirements = [
        *node_pool().inputs["spec"]["template"]["spec"]["requirements"],
        *(
            {"key": "karpenter.k8s.aws/instance-cpu", "operator": operator, "values": [value]}
            for operator, value in pairs
        ),
    ]
    return node_pool().with_input(LIST, requirements)


NONE_LEFT = found(
    "no instance type meets all requirements: c6a.4xlarge, m6a.4xlarge do not meet that on "
    "karpenter.k8s.aws/instance-cpu",
    "remove the requirement on karpenter.k8s.aws/instance-cpu",
    "Karpenter starts no node",
)


def test_fail_on_a_patch_that_changes_which_nodes_come() -> None:
    for field in ("requirements", "nodeClassRef"):
        changed = patch_of(node_pool(), template={"spec": {field: UNKNOWN}})
        assert judged(changed) == [by_patch(NODE_REQUIREMENTS, f"spec.template.spec.{field}")]
    assert judged(patch_of(node_pool(), limits={"cpu": "0"}, template={"spec": {"expireAfter": "Never"}})) == []


def test_boundary_of_number_bounds() -> None:
    exclude = [
        found(
            "the requirements on karpenter.k8s.aws/instance-cpu contradict each other",
            "keep one requirement on karpenter.k8s.aws/instance-cpu",
        )
    ]
    assert judged(bounds(("Gt", "15"), ("Lt", "17"))) == []
    assert judged(bounds(("Gt", "15"), ("Lt", "16"))) == exclude
    assert judged(bounds(("Gte", "16"), ("Lte", "16"))) == []
    assert judged(bounds(("Gte", "17"), ("Lte", "16"))) == exclude
    assert judged(bounds(("Gt", "16"), ("In", "16"))) == exclude
    assert judged(bounds(("Gte", "16"), ("In", "16"))) == []
    assert judged(bounds(("Lt", "0"))) == exclude
    assert judged(bounds(("Lt", "1"))) == [NONE_LEFT]
    assert judged(bounds(("Lte", "16"), ("In", "16"))) == []
    assert judged(bounds(("Lte", "16"), ("In", "17"))) == exclude
    assert judged(bounds(("Gt", "9" * 18))) == [NONE_LEFT]
    assert judged(bounds(("Gt", "9" * 19))) == [
        wrong_type(NODE_REQUIREMENTS, f"{LIST}[4].values", f"['{'9' * 19}']", "one whole number")
    ]


def test_boundary_of_keys_that_must_be_absent() -> None:
    absent = {"key": "karpenter.k8s.aws/instance-gpu-name", "operator": "DoesNotExist"}
    unlike = {"key": "karpenter.k8s.aws/instance-gpu-name", "operator": "NotIn", "values": ["t4"]}
    wanted = {"key": "karpenter.k8s.aws/instance-gpu-name", "operator": "Exists"}
    declared = node_pool().inputs["spec"]["template"]["spec"]["requirements"]

    assert judged(node_pool().with_input(LIST, [*declared, absent, unlike])) == []
    assert len(judged(node_pool().with_input(LIST, [*declared, absent, wanted]))) == 1
    assert judged(node_pool().with_input(LIST, [*declared, wanted, unlike])) == []


def test_boundary_own_keys_may_be_allowed() -> None:
    own = pool(1, one_of("example.com/pool", "a"))

    assert judged(own, config={"ownKeys": ["example.com/pool"]}) == []


def test_unknown_values() -> None:
    assert judged(pool(1, {"key": "kubernetes.io/arch", "operator": "In", "values": UNKNOWN})) == [
        unknown(NODE_REQUIREMENTS, f"{LIST}[1].values")
    ]


@pytest.mark.parametrize("operator", ["In", "NotIn", "Gt", "Lte"])
def test_missing_values_of_an_operator_that_needs_them(operator: str) -> None:
    changed = node_pool().with_input(f"{LIST}.1", {"key": "karpenter.k8s.aws/instance-cpu", "operator": operator})
    assert missing(NODE_REQUIREMENTS, f"{LIST}[1].values") in judged(changed)


def test_missing_requirements() -> None:
    assert judged(node_pool().without_input(LIST)) == [missing(NODE_REQUIREMENTS, LIST)]


def test_missing_capacity_type_and_instance_types() -> None:
    assert judged(pool(0, one_of("kubernetes.io/os", "linux"))) == [
        found(
            "no requirement limits karpenter.sh/capacity-type, so spot nodes may come",
            "require karpenter.sh/capacity-type In [on-demand]",
        )
    ]
    assert judged(pool(2, one_of("kubernetes.io/os", "linux"))) == [
        found(
            "no requirement names instance types with node.kubernetes.io/instance-type In [...]",
            f"name types of the catalogue: {CATALOGUE}",
        )
    ]


def test_missing_node_class_reference() -> None:
    assert judged(node_pool().without_input("spec.template.spec.nodeClassRef"))[0] == missing(
        NODE_REQUIREMENTS, "spec.template.spec.nodeClassRef"
    )


def test_wrong_type_of_operator_and_bound() -> None:
    assert judged(pool(1, {"key": "kubernetes.io/arch", "operator": "Is", "values": ["amd64"]})) == [
        wrong_type(
            NODE_REQUIREMENTS,
            f"{LIST}[1].operator",
            "'Is'",
            "one of In, NotIn, Gt, Lt, Gte, Lte, Exists, DoesNotExist",
        )
    ]
    assert judged(bounds(("Gt", "many"))) == [
        wrong_type(NODE_REQUIREMENTS, f"{LIST}[4].values", "['many']", "one whole number")
    ]


def test_empty_values() -> None:
    assert judged(pool(1, one_of("kubernetes.io/arch"))) == [empty(NODE_REQUIREMENTS, f"{LIST}[1].values")]


def test_exempt() -> None:
    spot = pool(0, one_of("karpenter.sh/capacity-type", "spot"))

    assert judged(spot, exemptions=[exemption(NODE_REQUIREMENTS, spot)]) == []
