"""An EC2NodeClass as Karpenter and the kubelet read it; policies that share this test the rest."""

from __future__ import annotations

import pytest

from policies.framework.policy import Declared
from policies.framework.quantities import GIB
from policies.framework.reading import Unreadable
from policies.pack.crossguard import declared
from policies.pack.testing import Resource, resource_args
from policies.resources.node_classes import ephemeral_capacity, family
from tests.policies.declared import node_class


def read(resource: Resource) -> Declared:
    return declared(resource_args(resource, {}))


def test_a_device_without_a_mapping_has_20_gib() -> None:
    assert ephemeral_capacity(read(node_class().without_input("spec.blockDeviceMappings"))) == 20 * GIB


@pytest.mark.parametrize(
    ("terms", "path", "problem"),
    [
        (
            [{"alias": "plan9@v1"}],
            "spec.amiSelectorTerms",
            "spec.amiSelectorTerms is 'plan9', must be one of ",
        ),
        ([{"id": "ami-0123abcd"}], "spec.amiFamily", "spec.amiFamily is missing, and no alias names the AMI family"),
    ],
)
def test_a_family_that_is_not_known(terms: list[object], path: str, problem: str) -> None:
    with pytest.raises(Unreadable) as raised:
        family(read(node_class(amiSelectorTerms=terms).without_input("spec.amiFamily")))
    assert raised.value.path == path
    assert raised.value.problem.startswith(problem)
