"""What a node pool can cost; the policies on spending test the figures and the words."""

from __future__ import annotations

import pytest

from policies.framework.reading import Unreadable
from policies.pack.crossguard import declared
from policies.pack.testing import resource_args
from policies.resources.pool_cost import usd_per_hour_at_limit
from tests.policies.declared import node_pool, one_of

REQUIREMENTS = "spec.template.spec.requirements"


@pytest.mark.parametrize(
    ("index", "requirement"),
    [
        (2, one_of("node.kubernetes.io/instance-type", "p5.48xlarge")),
        (3, one_of("kubernetes.io/os", "linux")),
    ],
)
def test_what_does_not_tell_a_price_is_in_the_requirements(index: int, requirement: object) -> None:
    pool = node_pool().with_input(f"{REQUIREMENTS}.{index}", requirement)
    with pytest.raises(Unreadable) as raised:
        usd_per_hour_at_limit(declared(resource_args(pool, {})))
    assert raised.value.path == REQUIREMENTS
