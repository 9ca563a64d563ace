"""node-class-selection: a node class finds its subnets, its security groups and its role."""

from __future__ import annotations

import pytest

from policies.node_class_selection import NODE_CLASS_SELECTION
from policies.pack.testing import UNKNOWN, Resource, judge
from tests.policies.declared import node_class
from tests.policies.expecting import empty, exemption, missing, refused, unknown, wrong_type

POLICY = NODE_CLASS_SELECTION
SUBNETS = "spec.subnetSelectorTerms"
GROUPS = "spec.securityGroupSelectorTerms"
TAGS = {"karpenter.sh/discovery": "coder"}
NOTHING: dict[str, str] = {}


def role(name: str) -> Resource:
    return node_class(role=name)


@pytest.mark.parametrize(
    "term", [{"tags": TAGS}, {"id": "subnet-0123456789abcdef0"}, {"name": "coder", "tags": TAGS}, {"name": "coder"}]
)
def test_pass_by_tags_or_by_an_id_alone(term: dict[str, object]) -> None:
    assert judge(POLICY, node_class(subnetSelectorTerms=[term], securityGroupSelectorTerms=[term])) == []


def test_pass_with_an_instance_profile() -> None:
    assert judge(POLICY, node_class(instanceProfile="nodes").without_input("spec.role")) == []


def test_fail_on_an_id_among_other_selectors() -> None:
    both = {"id": "subnet-0123456789abcdef0", "tags": TAGS}
    assert judge(POLICY, node_class(subnetSelectorTerms=[{"tags": TAGS}, both])) == [
        refused(
            POLICY,
            f"{SUBNETS}[1] selects by id and tags, and an id must be the only selector",
            "keep the id alone, or remove it",
        )
    ]


def test_fail_on_a_role_as_arn() -> None:
    assert judge(POLICY, role("arn:aws:iam::123456789012:role/workshop-node")) == [
        refused(
            POLICY,
            "spec.role is 'arn:aws:iam::123456789012:role/workshop-node', must be the name of an IAM role",
            "set spec.role to workshop-node",
        )
    ]
    assert judge(POLICY, role("role/"), role("$X")) == [
        refused(
            POLICY,
            f"spec.role is '{wrong}', must be the name of an IAM role",
            "set spec.role to the role's name: letters, digits and +=,.@_- only",
        )
        for wrong in ("role/", "$X")
    ]


def test_fail_on_two_identities() -> None:
    assert judge(POLICY, node_class(instanceProfile="nodes")) == [
        refused(POLICY, "spec has both role and instanceProfile", "keep one of the two")
    ]


def test_boundary_of_a_role_name() -> None:
    assert judge(POLICY, role("r" * 64)) == []
    assert len(judge(POLICY, role("r" * 65))) == 1


@pytest.mark.parametrize("path", ["spec.role", SUBNETS, f"{GROUPS}[0].tags.coder"])
def test_unknown(path: str) -> None:
    resource = {
        "spec.role": role(UNKNOWN),
        SUBNETS: node_class(subnetSelectorTerms=UNKNOWN),
        f"{GROUPS}[0].tags.coder": node_class(securityGroupSelectorTerms=[{"tags": {"coder": UNKNOWN}}]),
    }[path]
    assert judge(POLICY, resource) == [unknown(POLICY, path)]


@pytest.mark.parametrize("path", ["spec.role", SUBNETS, GROUPS])
def test_missing(path: str) -> None:
    without = node_class().without_input(path)
    assert judge(POLICY, without) == [missing(POLICY, path)]
    assert judge(POLICY, Resource(type=f"{without.type}Patch", inputs=without.inputs)) == []


def test_wrong_type() -> None:
    assert judge(POLICY, node_class(subnetSelectorTerms="subnet-1")) == [
        wrong_type(POLICY, SUBNETS, "the text 'subnet-1'", "a list")
    ]
    assert judge(POLICY, node_class(instanceProfile=1).without_input("spec.role")) == [
        wrong_type(POLICY, "spec.instanceProfile", "the number 1", "text")
    ]


def test_empty() -> None:
    assert judge(POLICY, role("")) == [empty(POLICY, "spec.role")]
    assert judge(POLICY, node_class(securityGroupSelectorTerms=[])) == [empty(POLICY, GROUPS)]
    assert judge(POLICY, node_class(subnetSelectorTerms=[{"id": ""}])) == [empty(POLICY, f"{SUBNETS}[0].id")]
    assert judge(POLICY, node_class(subnetSelectorTerms=[{"tags": NOTHING}])) == [empty(POLICY, f"{SUBNETS}[0].tags")]
    assert judge(POLICY, node_class(subnetSelectorTerms=[NOTHING])) == [
        refused(POLICY, f"{SUBNETS}[0] selects by nothing", "select by tags, or by id")
    ]


def test_exempt() -> None:
    arn = role("arn:aws:iam::123456789012:role/workshop-node")
    assert judge(POLICY, arn, exemptions=[exemption(POLICY, arn)]) == []
