"""What the policies compute of nodes is what Karpenter computes: the same cases through both.

Left out is where a policy is stricter on purpose: soft evictions, image file systems, a flag on another volume.
"""

from __future__ import annotations

import pytest

from policies.resources.kubelet import allocatable_cpu, allocatable_memory, allocatable_storage
from policies.resources.node_classes import ephemeral_capacity
from policies.resources.node_pools import requirements, too_few_values, types_left
from tests.policies.karpenter.asking import Answer, answers, program
from tests.policies.karpenter.cases import Case, cases
from workshop.model.instances import INSTANCE_TYPES

CASES = 1000
SEED = 1
pytestmark = pytest.mark.xdist_group("karpenter")
Both = list[tuple[Case, Answer]]


@pytest.fixture(scope="module")
def both() -> Both:
    found = program()
    if found is None:
        pytest.skip("Karpenter's code needs Go (1.26 or newer) to be built")
    asked = cases(CASES, SEED)
    return list(zip(asked, answers(found, [case.question for case in asked]), strict=True))


def test_the_same_instance_types_are_left(both: Both) -> None:
    for case, answer in both:
        found = requirements(case.node_pool)
        left = types_left(found, case.region)
        ours = () if any(too_few_values(found, left, case.region)) else left
        assert sorted(ours) == sorted(answer.left), case.question["pool"]["spec"]["template"]["spec"]["requirements"]


def test_some_pools_keep_some_types_and_some_none(both: Both) -> None:
    assert {0 < len(answer.left) < len(INSTANCE_TYPES) for _, answer in both} == {True, False}
    assert any(answer.left for _, answer in both)


def test_nodes_offer_the_same(both: Both) -> None:
    for case, answer in both:
        storage = allocatable_storage(case.node_class, ephemeral_capacity(case.node_class))
        for name, (millicores, memory, disk, _) in answer.offered.items():
            instance, of = INSTANCE_TYPES[name], (name, case.question["class"]["spec"])
            assert allocatable_cpu(case.node_class, instance) * 1000 == millicores, of
            assert allocatable_memory(case.node_class, instance) == memory, of
            assert storage == disk, of
