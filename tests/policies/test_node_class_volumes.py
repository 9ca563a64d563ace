"""node-class-volumes: encrypted gp3 volumes, with figures that AWS accepts and sizes as the kubelet reads them."""

from __future__ import annotations

import pytest

from policies.node_class_volumes import NODE_CLASS_VOLUMES
from policies.pack.testing import UNKNOWN, Resource, judge
from tests.policies.declared import node_class
from tests.policies.expecting import empty, exemption, missing, refused, unknown, wrong_type

EBS = "spec.blockDeviceMappings[1].ebs"


def volume(name: str, value: object) -> Resource:
    return node_class().with_input(f"spec.blockDeviceMappings.1.ebs.{name}", value)


def found(problem: str, fix: str, why: str | None = None) -> str:
    return refused(NODE_CLASS_VOLUMES, problem, fix, why)


def test_pass_with_encrypted_gp3() -> None:
    assert judge(NODE_CLASS_VOLUMES, node_class()) == []


def test_fail_unencrypted() -> None:
    assert judge(NODE_CLASS_VOLUMES, volume("encrypted", False)) == [
        found(f"{EBS}.encrypted is false", "set encrypted to true", "participants' files would be stored unencrypted")
    ]


def test_fail_on_another_kind() -> None:
    assert judge(NODE_CLASS_VOLUMES, volume("volumeType", "gp2")) == [
        found(f"{EBS}.volumeType is 'gp2', must be gp3", "set volumeType to gp3")
    ]


def test_fail_on_thousands_where_the_kubelet_counts_in_1024s() -> None:
    assert judge(NODE_CLASS_VOLUMES, volume("volumeSize", "200G")) == [
        found(f"{EBS}.volumeSize is '200G' (186 GiB to the kubelet)", "write it in whole Gi or Ti")
    ]


@pytest.mark.parametrize(
    ("name", "value", "low", "high"),
    [("iops", 2999, 3000, 16000), ("iops", 16001, 3000, 16000), ("throughput", 124, 125, 1000)],
)
def test_boundary_of_iops_and_throughput(name: str, value: int, low: int, high: int) -> None:
    assert judge(NODE_CLASS_VOLUMES, volume(name, value))[0] == found(
        f"{EBS}.{name} is {value}, must be {low} to {high}", f"set {name} in that range, or leave it out ({low})"
    )
    for legal in (low, high if name == "iops" else 750):
        assert judge(NODE_CLASS_VOLUMES, volume(name, legal)) == []


def test_boundary_of_throughput_for_its_iops() -> None:
    assert judge(NODE_CLASS_VOLUMES, volume("throughput", 751)) == [
        found(f"{EBS}.throughput is 751, 3000 iops allow 750", "set iops to 3004 or more")
    ]
    assert judge(NODE_CLASS_VOLUMES, volume("throughput", 1001))[0] == found(
        f"{EBS}.throughput is 1001, must be 125 to 1000", "set throughput in that range, or leave it out (125)"
    )


def test_boundary_of_size() -> None:
    too_large = volume("volumeSize", "16385Gi")

    assert judge(NODE_CLASS_VOLUMES, volume("volumeSize", "16Ti")) == []
    assert judge(NODE_CLASS_VOLUMES, volume("volumeSize", "1Gi")) == []
    assert judge(NODE_CLASS_VOLUMES, too_large) == [
        found(f"{EBS}.volumeSize is '16385Gi', a gp3 volume has 1 to 16384 GiB", "set a size in that range")
    ]
    assert judge(NODE_CLASS_VOLUMES, volume("volumeSize", "0Gi")) == [
        found(f"{EBS}.volumeSize is '0Gi', a gp3 volume has 1 to 16384 GiB", "set a size in that range")
    ]


def test_unknown_encryption() -> None:
    assert judge(NODE_CLASS_VOLUMES, volume("encrypted", UNKNOWN)) == [unknown(NODE_CLASS_VOLUMES, f"{EBS}.encrypted")]


def test_missing_encryption_and_kind() -> None:
    for name in ("encrypted", "volumeType"):
        without = node_class().without_input(f"spec.blockDeviceMappings.1.ebs.{name}")
        assert judge(NODE_CLASS_VOLUMES, without) == [missing(NODE_CLASS_VOLUMES, f"{EBS}.{name}")]


def test_missing_size_comes_from_a_snapshot() -> None:
    assert judge(NODE_CLASS_VOLUMES, node_class().without_input("spec.blockDeviceMappings.1.ebs.volumeSize")) == []


def test_wrong_type_of_encryption_and_iops() -> None:
    assert judge(NODE_CLASS_VOLUMES, volume("encrypted", "true")) == [
        wrong_type(NODE_CLASS_VOLUMES, f"{EBS}.encrypted", "the text 'true'", "true or false")
    ]
    assert judge(NODE_CLASS_VOLUMES, volume("iops", "3000")) == [
        wrong_type(NODE_CLASS_VOLUMES, f"{EBS}.iops", "the text '3000'", "a number")
    ]


def test_empty_kind() -> None:
    assert judge(NODE_CLASS_VOLUMES, volume("volumeType", "")) == [empty(NODE_CLASS_VOLUMES, f"{EBS}.volumeType")]


def test_exempt() -> None:
    plain = volume("encrypted", False)

    assert judge(NODE_CLASS_VOLUMES, plain, exemptions=[exemption(NODE_CLASS_VOLUMES, plain)]) == []
