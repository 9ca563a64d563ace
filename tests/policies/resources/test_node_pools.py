"""A pool's requirements, taken together as Karpenter takes them, and the instance types that are left."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from policies.framework.policy import Declared
from policies.pack.crossguard import declared
from policies.pack.testing import resource_args
from policies.resources.instance_labels import labels_of
from policies.resources.node_pools import (
    allowed_values,
    contradictions,
    requirements,
    together,
    too_few_values,
    types_left,
)
from policies.resources.well_known_labels import WELL_KNOWN
from tests.policies.declared import node_pool, one_of
from workshop.model.instances import INSTANCE_TYPES, ZONES

AWS = "karpenter.k8s.aws"
ALL = set(INSTANCE_TYPES)
FOURS = {"c6a.4xlarge", "m5a.4xlarge", "m6a.4xlarge"}
ZONE, TYPE = "topology.kubernetes.io/zone", "node.kubernetes.io/instance-type"


def req(key: str, operator: str, *values: str, least: int | None = None) -> dict[str, object]:
    """A requirement; least: minValues."""
    name = key if "/" in key else f"{AWS}/instance-{key}"
    return {
        "key": name,
        "operator": operator,
        **({"values": list(values)} if values else {}),
        **({"minValues": least} if least else {}),
    }


def read(*conditions: Mapping[str, object]) -> Declared:
    pool = node_pool().with_input("spec.template.spec.requirements", list(conditions))
    return declared(resource_args(pool, {}))


def left(*conditions: Mapping[str, object], region: str | None = None) -> set[str]:
    return set(types_left(requirements(read(*conditions)), region))


BY_ONE: list[tuple[dict[str, object], set[str]]] = [
    (req("category", "In", "c"), {name for name in ALL if name.startswith("c")}),
    (req("category", "NotIn", "c"), {name for name in ALL if name.startswith("m")}),
    (req("family", "In", "m6a"), {"m6a.xlarge", "m6a.4xlarge"}),
    (req("generation", "Gt", "5"), ALL - {"m5a.4xlarge"}),
    (req("generation", "Gte", "5"), ALL),
    (req("generation", "Lt", "6"), {"m5a.4xlarge"}),
    (req("generation", "Lte", "5"), {"m5a.4xlarge"}),
    (req("size", "In", "4xlarge"), FOURS),
    (req("cpu", "In", "16"), FOURS),
    (req("cpu", "Gt", "32"), {"c6a.32xlarge"}),
    (req("memory", "In", "32768"), {"c6a.4xlarge"}),
    (req("memory", "Lt", "10000"), {"c6a.xlarge"}),
    (req("ebs-bandwidth", "Lt", "10000"), {"m5a.4xlarge"}),
    (req("network-bandwidth", "Gt", "12500"), {"c6a.32xlarge"}),
    (req("cpu-manufacturer", "In", "intel"), set()),
    (req("cpu-sustained-clock-speed-mhz", "Gt", "3000"), ALL - {"m5a.4xlarge"}),
    (req("encryption-in-transit-supported", "In", "true"), ALL - {"m5a.4xlarge"}),
    (req("hypervisor", "NotIn", ""), ALL),
    (req("hypervisor", "In", ""), set()),
    (req("tenancy", "In", "dedicated"), ALL),
    (req("capability-flex", "In", "true"), set()),
    (req("gpu-count", "Gt", "0"), set()),
    (req("gpu-name", "Exists"), set()),
    (req("gpu-name", "DoesNotExist"), ALL),
    (req("gpu-name", "NotIn", "t4"), ALL),
    (req("local-nvme", "Gt", "100"), set()),
    (req("cpu", "DoesNotExist"), set()),
    (req("kubernetes.io/arch", "In", "arm64"), set()),
    (req("beta.kubernetes.io/arch", "In", "arm64"), set()),
    (req("kubernetes.io/os", "In", "linux"), ALL),
    (req("node.kubernetes.io/windows-build", "Exists"), set()),
    (req("karpenter.sh/capacity-type", "In", "reserved"), set()),
    (req("topology.kubernetes.io/region", "In", "us-west-2"), ALL),
    (req("topology.kubernetes.io/region", "In", "mars-1"), set()),
    (req("topology.k8s.aws/zone-id", "In", "use2-az1"), ALL),
    (req("example.com/team", "In", "a"), ALL),
    (req("family", "Gt", "1"), set()),
]


@pytest.mark.parametrize(("condition", "names"), BY_ONE)
def test_gate_5_types_by_one_requirement(condition: dict[str, object], names: set[str]) -> None:
    assert left(condition) == names


def test_gate_5_types_by_all_requirements_together() -> None:
    fours = (req("family", "In", "c6a", "m6a"), req("size", "In", "4xlarge"))
    assert left(*fours) == {"c6a.4xlarge", "m6a.4xlarge"}
    assert left(*fours, req("memory", "Gt", "40000")) == {"m6a.4xlarge"}
    assert left(*fours, req("memory", "Gt", "70000")) == set()
    assert left(req("cpu", "Gt", "15"), req("cpu", "Lt", "33"), req("cpu", "NotIn", "16")) == {"c6a.8xlarge"}
    regions = (one_of(ZONE, "us-east-2c"), req("topology.kubernetes.io/region", "In", "us-west-2"))
    assert left(*regions) == set()
    assert left(one_of(ZONE, "us-east-2c"), region="us-east-2") == ALL
    assert left(one_of(ZONE, "us-east-2c"), region="us-west-2") == set()
    assert left(one_of(ZONE, "us-east-2z")) == set()
    assert left(one_of(ZONE, "ap-south-1b")) == ALL


def test_values_of_a_key_together() -> None:
    found = requirements(read(req("cpu", "Gt", "3"), req("cpu", "NotIn", "16", "8"), req("cpu", "Lt", "33")))
    (values,) = together(found).values()
    assert [value for value in ("3", "4", "8", "16", "32", "33", "many") if values.allows(value)] == ["4", "32"]
    assert allowed_values(found, f"{AWS}/instance-cpu") is None
    named = requirements(read(req("cpu", "In", "4", "8"), req("cpu", "Gt", "4"), req("cpu", "In", "8", "16")))
    assert allowed_values(named, f"{AWS}/instance-cpu") == frozenset({"8"})
    assert allowed_values(named, "other") is None


@pytest.mark.parametrize(
    ("conditions", "is_contradiction"),
    [
        ([req("cpu", "In", "4"), req("cpu", "In", "8")], True),
        ([req("cpu", "In", "4"), req("cpu", "DoesNotExist")], True),
        ([req("cpu", "Exists"), req("cpu", "DoesNotExist")], True),
        ([req("cpu", "Gt", "4"), req("cpu", "Lt", "5")], True),
        ([req("cpu", "Gt", "4"), req("cpu", "Lt", "6")], False),
        ([req("cpu", "NotIn", "4"), req("cpu", "DoesNotExist")], False),
        ([req("cpu", "DoesNotExist")], False),
        ([req("cpu", "Lt", "0")], True),
        ([req("beta.kubernetes.io/os", "In", "linux"), req("kubernetes.io/os", "In", "windows")], True),
    ],
)
def test_contradictions(conditions: list[dict[str, object]], is_contradiction: bool) -> None:
    assert bool(list(contradictions(requirements(read(*conditions))))) is is_contradiction


def test_min_values_of_a_key_are_the_most_that_any_requirement_wants() -> None:
    found = requirements(read(req("cpu", "Gt", "1", least=2), req("cpu", "Lt", "99", least=3), req("cpu", "Exists")))
    (values,) = together(found).values()
    assert values.min_values == 3
    alone = requirements(read(req("cpu", "In", "4", least=1)))
    assert next(iter(together(alone).values())).min_values == 1


@pytest.mark.parametrize("name", INSTANCE_TYPES)
def test_every_well_known_label_is_known_of_every_type(name: str) -> None:
    """But for zone ids, which depend on the account."""
    assert set(labels_of(name, "us-east-2", ())) == WELL_KNOWN - {"topology.k8s.aws/zone-id"}
    instance = INSTANCE_TYPES[name]
    labels = labels_of(name, "us-east-2", ("us-east-2a",))
    assert labels[f"{AWS}/instance-memory"] == (str(instance.memory_gib * 1024),)
    assert labels[ZONE] == ("us-east-2a",)
    assert labels[f"{AWS}/instance-ebs-bandwidth"] != ("0",)


def test_gate_15_min_values_of_zones_count_those_of_the_cluster() -> None:
    def few(least: int, region: str | None) -> bool:
        found = requirements(read(req(ZONE, "Exists", least=least)))
        return any(too_few_values(found, types_left(found, region), region))

    assert not few(2, "us-east-2")
    assert few(len(ZONES["us-east-2"]) + 1, "us-east-2")
    assert not few(9, None)


@pytest.mark.parametrize("value", ["0", "00", "1.5", "-1", "many"])
def test_bounds_of_numbers_let_no_other_values_pass(value: str) -> None:
    (above,) = together(requirements(read(req("cpu", "Gt", "0")))).values()
    (least,) = together(requirements(read(req("cpu", "Gte", "0")))).values()
    assert not above.allows(value)
    assert least.allows(value) is value.isdecimal()
    assert above.allows("1")
