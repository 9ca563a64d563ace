"""What a node's kubelet leaves to pods, and the policies that ask."""

from __future__ import annotations

from decimal import Decimal

import pytest

from policies.density import DENSITY
from policies.framework.policy import Declared
from policies.framework.quantities import GIB
from policies.pack.crossguard import declared
from policies.pack.testing import Resource, judge, resource_args
from policies.resources.kubelet import MIB, allocatable_cpu, allocatable_memory, allocatable_storage, whole
from policies.storage_headroom import STORAGE_HEADROOM
from tests.policies.declared import node_class
from tests.policies.expecting import refused, sandbox
from workshop.model.instances import INSTANCE_TYPES

TYPE = INSTANCE_TYPES["c6a.4xlarge"]
HUNDRED = Decimal(100 * GIB)


def read(resource: Resource) -> Declared:
    return declared(resource_args(resource, {}))


def kubelet(family: str = "AL2023", /, **settings: object) -> Declared:
    return read(node_class(amiFamily=family, kubelet={"maxPods": 9, **settings}))


@pytest.mark.parametrize("name", INSTANCE_TYPES)
def test_without_reservations_it_is_what_karpenter_documents(name: str) -> None:
    instance = INSTANCE_TYPES[name]
    assert allocatable_cpu(kubelet(), instance) * 1000 == instance.allocatable_millicores
    assert whole(allocatable_memory(kubelet(), instance), MIB) == instance.allocatable_mib


def test_gate_6_cpu_and_memory() -> None:
    assert allocatable_cpu(kubelet(kubeReserved={"cpu": "1"}), TYPE) == 15
    assert allocatable_cpu(kubelet(systemReserved={"cpu": "500m"}), TYPE) == Decimal("15.39")
    capacity = allocatable_memory(kubelet(), TYPE) + (11 * 234 + 255 + 100) * MIB
    assert capacity == 30_310 * MIB
    for settings, taken in (
        ({"kubeReserved": {"memory": "1Gi"}}, 1024 + 100),
        ({"systemReserved": {"memory": "1Gi"}}, 2829 + 1024 + 100),
        ({"evictionHard": {"memory.available": "1Gi"}}, 2829 + 1024),
        ({"evictionHard": {"memory.available": "100%"}}, 2829),
        ({"evictionHard": {"memory.available": "10%"}}, 2829 + 3031),
        ({"evictionSoft": {"memory.available": "1Gi"}}, 2829 + 1024),
        ({"evictionSoft": {"memory.available": "1Mi"}}, 2829 + 100),
        ({"evictionHard": {"nodefs.available": "1Gi"}}, 2829 + 100),
    ):
        assert allocatable_memory(kubelet(**settings), TYPE) == capacity - taken * MIB, settings


def test_gate_6_bottlerocket_reserves_memory_for_max_pods() -> None:
    assert allocatable_memory(kubelet("Bottlerocket"), TYPE) == (30_310 - 11 * 9 - 255 - 100) * MIB


def test_gate_6_storage_by_the_highest_threshold_of_files_or_images() -> None:
    for settings, taken in (
        ({}, 1 + 10),
        ({"kubeReserved": {"ephemeral-storage": "5Gi"}, "systemReserved": {"ephemeral-storage": "3Gi"}}, 5 + 3 + 10),
        ({"evictionHard": {"nodefs.available": "5%"}}, 1 + 5),
        ({"evictionHard": {"nodefs.available": "100%"}}, 1),
        ({"evictionHard": {"imagefs.available": "30Gi"}}, 1 + 30),
        ({"evictionHard": {"imagefs.available": "5%"}}, 1 + 10),
        ({"evictionSoft": {"imagefs.available": "20%"}}, 1 + 20),
        ({"evictionSoft": {"nodefs.available": "5%"}}, 1 + 10),
        ({"evictionHard": {"nodefs.available": "5%", "imagefs.available": "15%"}}, 1 + 15),
        ({"evictionHard": {"memory.available": "50Gi"}}, 1 + 10),
    ):
        assert allocatable_storage(kubelet(**settings), HUNDRED) == HUNDRED - taken * GIB, settings
    odd = allocatable_storage(kubelet(evictionHard={"nodefs.available": "0.5%"}), Decimal(101))
    assert odd == 101 - GIB - 1


@pytest.mark.parametrize(
    ("signal", "threshold", "is_early"),
    [
        ("nodefs.inodesFree", "5%", False),
        ("nodefs.inodesFree", "10%", False),
        ("nodefs.inodesFree", "10.5%", True),
        ("imagefs.inodesFree", "50%", True),
        ("pid.available", "90%", True),
        ("pid.available", "100%", False),
        ("nodefs.inodesFree", "1000000", True),
    ],
)
@pytest.mark.parametrize("field", ["evictionHard", "evictionSoft"])
def test_gate_6_thresholds_of_inodes_and_processes(field: str, signal: str, threshold: str, is_early: bool) -> None:
    spec = {"maxPods": 9, field: {signal: threshold}}
    path = f"spec.kubelet.{field}.{signal}"
    problem = refused(
        STORAGE_HEADROOM,
        f"{path} is {threshold}, must be a percentage of 10 or less",
        f"set {path} to 10%",
        "the kubelet evicts workspaces while there is room for them",
    )
    assert judge(STORAGE_HEADROOM, node_class(kubelet=spec)) == ([problem] if is_early else [])


def too_little(name: str, millicores: int, mib: int, holds: int) -> str:
    return refused(
        DENSITY,
        f"spec.kubelet leaves pods {millicores}m CPU and {mib} MiB on {name}, enough for {holds} workspaces, the plan "
        "counts on 3",
        "remove cpu and memory from kubeReserved and systemReserved, and memory.available from evictionHard and "
        "evictionSoft",
        "workspaces stay pending",
    )


def test_gate_6_planned_workspaces_fit_what_is_left() -> None:
    """4 vCPU and 8 GiB each, beside 500m and 1 GiB of DaemonSets."""

    def said(**settings: object) -> list[str]:
        return judge(DENSITY, node_class(kubelet={"maxPods": 9, **settings}), stack=sandbox)

    assert said() == []
    assert said(kubeReserved={"cpu": "3500m"}) == []
    assert said(kubeReserved={"cpu": "3501m"}) == [
        too_little("c6a.4xlarge", 12499, 29856, 2),
        too_little("m6a.4xlarge", 12499, 60166, 2),
    ]
    assert said(systemReserved={"memory": "4256Mi"}) == []
    assert said(systemReserved={"memory": "4257Mi"}) == [too_little("c6a.4xlarge", 15890, 25599, 2)]
    assert said(evictionHard={"memory.available": "40%"}) == [too_little("c6a.4xlarge", 15890, 17832, 2)]
    assert said(kubeReserved={"memory": "64Gi"})[0] == too_little("c6a.4xlarge", 15890, -35326, 0)


def test_gate_6_a_custom_family_s_kubelet_is_not_told() -> None:
    (found,) = judge(DENSITY, node_class(amiFamily="Custom"))
    assert found.startswith("spec.amiFamily is Custom, to whose nodes Karpenter does not pass spec.kubelet")
