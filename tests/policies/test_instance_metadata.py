"""instance-metadata: pods get no AWS credentials of their node from its metadata service."""

from __future__ import annotations

import pytest

from policies.instance_metadata import INSTANCE_METADATA
from policies.pack.testing import UNKNOWN, Resource, judge
from tests.policies.declared import node_class, patch_of
from tests.policies.expecting import empty, exemption, refused, unknown, wrong_type

PATH = "spec.metadataOptions"
SAFE = {"httpTokens": "required", "httpPutResponseHopLimit": 1}


def instance(options: object, kind: str = "aws:ec2/launchTemplate:LaunchTemplate") -> Resource:
    return Resource(type=kind, inputs={"metadataOptions": options} if options else {})


def found(path: str, is_what: str, needed: object) -> str:
    return refused(INSTANCE_METADATA, f"{path} is {is_what}, must be {needed}", f"set {path} to {needed}")


def test_pass_with_tokens_and_one_hop_and_with_karpenter_s_default() -> None:
    assert judge(INSTANCE_METADATA, node_class(), node_class(metadataOptions=SAFE), instance(SAFE)) == []
    assert judge(INSTANCE_METADATA, node_class(metadataOptions={"httpEndpoint": "enabled"})) == []
    off = {"httpEndpoint": "disabled", "httpTokens": "optional"}
    assert judge(INSTANCE_METADATA, node_class(metadataOptions=off), instance(off)) == []


def test_fail_on_imds_v1_and_on_a_second_hop() -> None:
    wide = {"httpTokens": "optional", "httpPutResponseHopLimit": 2}
    expected = [found(f"{PATH}.httpTokens", "optional", "required"), found(f"{PATH}.httpPutResponseHopLimit", "2", 1)]
    assert judge(INSTANCE_METADATA, node_class(metadataOptions=wide)) == expected
    assert judge(INSTANCE_METADATA, patch_of(node_class(), metadataOptions=wide)) == expected


@pytest.mark.parametrize(
    "kind",
    [
        "aws:ec2/instance:Instance",
        "aws:ec2/launchTemplate:LaunchTemplate",
        "aws:ec2/spotInstanceRequest:SpotInstanceRequest",
    ],
)
def test_missing_tokens_are_optional_at_aws(kind: str) -> None:
    expected = [found("metadataOptions.httpTokens", "not declared", "required")]
    assert judge(INSTANCE_METADATA, instance(None, kind)) == expected
    assert judge(INSTANCE_METADATA, instance({"httpPutResponseHopLimit": 1}, kind)) == expected


def test_boundary_of_hops() -> None:
    assert judge(INSTANCE_METADATA, node_class(metadataOptions={"httpPutResponseHopLimit": 1})) == []
    for hops in (0, 2, 64):
        assert len(judge(INSTANCE_METADATA, node_class(metadataOptions={"httpPutResponseHopLimit": hops}))) == 1


def test_unknown_tokens() -> None:
    assert judge(INSTANCE_METADATA, node_class(metadataOptions={**SAFE, "httpTokens": UNKNOWN})) == [
        unknown(INSTANCE_METADATA, f"{PATH}.httpTokens")
    ]


def test_wrong_type_of_options() -> None:
    assert judge(INSTANCE_METADATA, node_class(metadataOptions="required")) == [
        wrong_type(INSTANCE_METADATA, PATH, "the text 'required'", "an object")
    ]
    assert judge(INSTANCE_METADATA, node_class(metadataOptions={"httpPutResponseHopLimit": "1"})) == [
        wrong_type(INSTANCE_METADATA, f"{PATH}.httpPutResponseHopLimit", "the text '1'", "a number")
    ]


def test_empty_tokens() -> None:
    assert judge(INSTANCE_METADATA, node_class(metadataOptions={"httpTokens": ""})) == [
        empty(INSTANCE_METADATA, f"{PATH}.httpTokens")
    ]


def test_exempt() -> None:
    declared = instance(None)
    assert judge(INSTANCE_METADATA, declared, exemptions=[exemption(INSTANCE_METADATA, declared)]) == []
