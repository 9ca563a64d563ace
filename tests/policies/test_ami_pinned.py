"""ami-pinned: node classes name one AMI version, so that a new one does not roll nodes."""

from __future__ import annotations

import pytest

from policies.ami_pinned import AMI_PINNED
from policies.pack.testing import UNKNOWN, Resource, judge
from tests.policies.declared import node_class
from tests.policies.expecting import empty, exemption, missing, refused, unknown, wrong_type

TERMS = "spec.amiSelectorTerms"


def selecting(**term: object) -> Resource:
    return node_class(amiSelectorTerms=[term])


@pytest.mark.parametrize(
    "term", [{"alias": "bottlerocket@v1.44.0"}, {"alias": "al2023@v20240807"}, {"id": "ami-0123abcd"}]
)
def test_pass_by_version_or_id(term: dict[str, object]) -> None:
    assert judge(AMI_PINNED, selecting(**term)) == []


def test_fail_on_latest() -> None:
    assert judge(AMI_PINNED, selecting(alias="bottlerocket@latest")) == [
        refused(
            AMI_PINNED,
            f"{TERMS}[0].alias is 'bottlerocket@latest', which has no version",
            "write bottlerocket@VERSION, with the version that the nodes run now",
        )
    ]


@pytest.mark.parametrize("by", ["name", "tags", "owner", "ssmParameter"])
def test_fail_on_what_can_find_another_ami(by: str) -> None:
    assert judge(AMI_PINNED, selecting(**{by: "x"})) == [
        refused(
            AMI_PINNED,
            f"{TERMS}[0] selects by {by}, which can find another AMI tomorrow",
            "select by alias with a version, or by id",
        )
    ]


def test_boundary_of_a_version_and_an_id() -> None:
    assert judge(AMI_PINNED, selecting(alias="bottlerocket@1")) == []
    for alias in ("bottlerocket", "bottlerocket@", "bottlerocket@v"):
        assert judge(AMI_PINNED, selecting(alias=alias)) == [
            refused(
                AMI_PINNED,
                f"{TERMS}[0].alias is '{alias}', which has no version",
                "write bottlerocket@VERSION, with the version that the nodes run now",
            )
        ]
    assert judge(AMI_PINNED, selecting(id="ami-123")) == [
        refused(AMI_PINNED, f"{TERMS}[0].id is 'ami-123', not an AMI id", "write ami-... of one AMI")
    ]


def test_unknown_alias() -> None:
    assert judge(AMI_PINNED, selecting(alias=UNKNOWN)) == [unknown(AMI_PINNED, f"{TERMS}[0].alias")]


def test_missing_terms() -> None:
    without = node_class().without_input(TERMS)

    assert judge(AMI_PINNED, without) == [missing(AMI_PINNED, TERMS)]
    assert judge(AMI_PINNED, Resource(type=f"{without.type}Patch", inputs=without.inputs)) == []


def test_wrong_type_of_terms() -> None:
    assert judge(AMI_PINNED, node_class(amiSelectorTerms="bottlerocket@v1.44.0")) == [
        wrong_type(AMI_PINNED, TERMS, "the text 'bottlerocket@v1.44.0'", "a list")
    ]


def test_empty_terms() -> None:
    assert judge(AMI_PINNED, node_class(amiSelectorTerms=[])) == [empty(AMI_PINNED, TERMS)]


def test_exempt() -> None:
    latest = selecting(alias="bottlerocket@latest")

    assert judge(AMI_PINNED, latest, exemptions=[exemption(AMI_PINNED, latest)]) == []


def test_of_a_patch_only_what_it_sets_is_judged() -> None:
    patch = Resource(type="kubernetes:karpenter.k8s.aws/v1:EC2NodeClassPatch", inputs={"spec": {"role": "x"}})
    by_name = patch.with_input("spec", {"amiSelectorTerms": [{"name": "x", "owner": "y"}]})
    assert judge(AMI_PINNED, patch) == []
    assert judge(AMI_PINNED, by_name) == [
        refused(
            AMI_PINNED,
            f"{TERMS}[0] selects by name, owner, which can find another AMI tomorrow",
            "select by alias with a version, or by id",
        )
    ]
