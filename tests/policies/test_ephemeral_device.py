"""ephemeral-device: the workspace volume lies where the AMI family's kubelet looks."""

from __future__ import annotations

import pytest

from policies.ephemeral_device import EPHEMERAL_DEVICE
from policies.pack.testing import UNKNOWN, judge
from tests.policies.declared import ebs, node_class, patch_of
from tests.policies.expecting import by_patch, empty, exemption, refused, unknown, wrong_type


def volume(device: str, size: str, **more: object) -> dict[str, object]:
    return {"deviceName": device, "ebs": ebs(size), **more}


SWAPPED = node_class(blockDeviceMappings=[volume("/dev/xvda", "1400Gi"), volume("/dev/xvdb", "50Gi")])
WHY_SWAPPED = refused(
    EPHEMERAL_DEVICE,
    "the workspace volume is on /dev/xvda (1400 GiB), Bottlerocket's kubelet uses /dev/xvdb (50 GiB)",
    "give /dev/xvdb the volumeSize of /dev/xvda, and that one what the system needs",
)


@pytest.mark.parametrize(
    ("family", "mappings"),
    [
        ("Bottlerocket", [volume("/dev/xvda", "4Gi"), volume("/dev/xvdb", "224Gi")]),
        ("AL2023", [volume("/dev/xvda", "224Gi")]),
        ("AL2023", [volume("/dev/xvda", "224Gi", rootVolume=True)]),
        ("Bottlerocket", [volume("/dev/xvda", "4Gi"), volume("/dev/xvdb", "224Gi", rootVolume=True)]),
        ("Custom", [volume("/dev/xvda", "4Gi"), volume("/dev/xvdb", "224Gi")]),  # the alias is Bottlerocket's
    ],
)
def test_pass_on_the_device_that_the_kubelet_uses(family: str, mappings: list[object]) -> None:
    assert judge(EPHEMERAL_DEVICE, node_class(amiFamily=family, blockDeviceMappings=mappings)) == []


def test_fail_on_the_incident_s_swapped_volumes() -> None:
    assert judge(EPHEMERAL_DEVICE, SWAPPED) == [WHY_SWAPPED]


def counted(place: str, device: str, family: str = "Bottlerocket") -> str:
    return refused(
        EPHEMERAL_DEVICE,
        f"{place} has rootVolume: true, {family}'s kubelet uses {device}",
        f"remove rootVolume from {place}",
        "Karpenter plans nodes with the size of a volume that workspaces do not use",
    )


def test_gate_1_root_volume_on_a_device_that_the_kubelet_does_not_use() -> None:
    incident = [volume("/dev/xvda", "1400Gi", rootVolume=True), volume("/dev/xvdb", "50Gi")]
    assert judge(EPHEMERAL_DEVICE, node_class(blockDeviceMappings=incident)) == [
        counted("/dev/xvda", "/dev/xvdb"),
        WHY_SWAPPED,
    ]
    small = [volume("/dev/xvda", "4Gi", rootVolume=True), volume("/dev/xvdb", "250Gi")]
    assert judge(EPHEMERAL_DEVICE, node_class(blockDeviceMappings=small)) == [counted("/dev/xvda", "/dev/xvdb")]
    alone = [volume("/dev/xvda", "1400Gi", rootVolume=True)]
    assert judge(EPHEMERAL_DEVICE, node_class(blockDeviceMappings=alone))[0] == counted("/dev/xvda", "/dev/xvdb")
    second = [volume("/dev/xvda", "224Gi"), volume("/dev/xvdb", "224Gi", rootVolume=True)]
    assert judge(EPHEMERAL_DEVICE, node_class(amiFamily="AL2023", blockDeviceMappings=second)) == [
        counted("/dev/xvdb", "/dev/xvda", "AL2023")
    ]
    nowhere = [volume("/dev/xvda", "4Gi"), volume("/dev/xvdb", "224Gi"), {"rootVolume": True, "ebs": ebs("50Gi")}]
    assert judge(EPHEMERAL_DEVICE, node_class(blockDeviceMappings=nowhere)) == [
        counted("spec.blockDeviceMappings[2]", "/dev/xvdb")
    ]


def test_gate_1_a_custom_family_is_judged_by_its_alias_or_not_at_all() -> None:
    last = [volume("/dev/xvdb", "224Gi"), volume("/dev/xvda", "4Gi")]
    assert judge(EPHEMERAL_DEVICE, node_class(amiFamily="Custom", blockDeviceMappings=last)) == [
        refused(
            EPHEMERAL_DEVICE,
            "/dev/xvda is the last mapping of amiFamily Custom, Bottlerocket's kubelet uses /dev/xvdb",
            "set spec.amiFamily to Bottlerocket",
            "Karpenter plans nodes with the size of a volume that workspaces do not use",
        )
    ]
    by_id = node_class(amiFamily="Custom", amiSelectorTerms=[{"id": "ami-0123abcd"}])
    assert judge(EPHEMERAL_DEVICE, by_id) == [
        refused(
            EPHEMERAL_DEVICE,
            "spec.amiFamily is Custom and no alias names the AMI's family: what its kubelet uses cannot be judged",
            "set spec.amiFamily to the AMI's family, or select it by alias",
        )
    ]


def test_fail_on_one_device_with_two_mappings() -> None:
    mappings = [volume("/dev/xvdb", "224Gi"), volume("/dev/xvdb", "224Gi")]

    assert judge(EPHEMERAL_DEVICE, node_class(blockDeviceMappings=mappings)) == [
        refused(
            EPHEMERAL_DEVICE,
            "/dev/xvdb has 2 mappings",
            "keep one mapping of /dev/xvdb",
            why="which of them holds is not defined",
        )
    ]


@pytest.mark.parametrize("field", ["amiFamily", "blockDeviceMappings", "instanceStorePolicy"])
def test_fail_on_a_patch_that_changes_where_the_volume_lies(field: str) -> None:
    assert judge(EPHEMERAL_DEVICE, patch_of(node_class(), **{field: UNKNOWN})) == [
        by_patch(EPHEMERAL_DEVICE, f"spec.{field}")
    ]
    assert judge(EPHEMERAL_DEVICE, patch_of(node_class(), kubelet={"maxPods": 9})) == []


def test_boundary_of_equal_size() -> None:
    equal = [volume("/dev/xvda", "224Gi"), volume("/dev/xvdb", "224Gi")]

    assert judge(EPHEMERAL_DEVICE, node_class(blockDeviceMappings=equal)) == []
    larger = [volume("/dev/xvda", "225Gi"), volume("/dev/xvdb", "224Gi")]
    assert len(judge(EPHEMERAL_DEVICE, node_class(blockDeviceMappings=larger))) == 1


def test_unknown_family() -> None:
    assert judge(EPHEMERAL_DEVICE, node_class(amiFamily=UNKNOWN)) == [unknown(EPHEMERAL_DEVICE, "spec.amiFamily")]


def test_missing_mapping_of_the_kubelet_s_device() -> None:
    assert judge(EPHEMERAL_DEVICE, node_class(blockDeviceMappings=[volume("/dev/xvda", "1400Gi")])) == [
        refused(
            EPHEMERAL_DEVICE,
            "Bottlerocket's kubelet uses /dev/xvdb, for which spec.blockDeviceMappings declares no volume (20 GiB)",
            "declare a volume with deviceName /dev/xvdb",
        )
    ]


def test_missing_family_is_told_by_the_alias_or_not_at_all() -> None:
    by_alias = node_class().without_input("spec.amiFamily")

    assert judge(EPHEMERAL_DEVICE, by_alias) == []
    assert judge(EPHEMERAL_DEVICE, by_alias.with_input("spec.amiSelectorTerms.0", {"id": "ami-1"})) == [
        refused(EPHEMERAL_DEVICE, "spec.amiFamily is missing, and no alias names the AMI family", "declare it")
    ]


def test_missing_size_of_the_kubelet_s_volume() -> None:
    assert judge(EPHEMERAL_DEVICE, node_class().without_input("spec.blockDeviceMappings.1.ebs.volumeSize")) == [
        refused(
            EPHEMERAL_DEVICE,
            "spec.blockDeviceMappings[1].ebs.volumeSize is missing, and a snapshot's size is not declared",
            "declare it",
        )
    ]


def test_gate_15_no_mappings_at_all_and_classes_that_run_no_workspaces() -> None:
    none = refused(
        EPHEMERAL_DEVICE,
        "Bottlerocket's kubelet uses /dev/xvdb, for which spec.blockDeviceMappings declares no volume (20 GiB)",
        "declare a volume with deviceName /dev/xvdb",
    )
    assert judge(EPHEMERAL_DEVICE, node_class(blockDeviceMappings=[])) == [none]
    assert judge(EPHEMERAL_DEVICE, node_class().without_input("spec.blockDeviceMappings")) == [none]
    assert judge(EPHEMERAL_DEVICE, SWAPPED, config={"notForWorkspaces": ["workshop-workspaces"]}) == []


def test_wrong_type_of_device() -> None:
    assert judge(EPHEMERAL_DEVICE, node_class().with_input("spec.blockDeviceMappings.0.deviceName", 1)) == [
        wrong_type(EPHEMERAL_DEVICE, "spec.blockDeviceMappings[0].deviceName", "the number 1", "text")
    ]


def test_wrong_type_of_family() -> None:
    assert judge(EPHEMERAL_DEVICE, node_class(amiFamily="Windows2022")) == [
        wrong_type(EPHEMERAL_DEVICE, "spec.amiFamily", "'Windows2022'", "one of Bottlerocket, AL2023, Custom")
    ]


def test_wrong_type_of_storage_on_the_instance_s_own_disks() -> None:
    assert judge(EPHEMERAL_DEVICE, node_class(instanceStorePolicy="RAID0")) == [
        refused(
            EPHEMERAL_DEVICE,
            "spec.instanceStorePolicy is RAID0: workspaces lie on the instance's own disks, whose size is not declared",
            "remove spec.instanceStorePolicy",
        )
    ]


def test_empty_device() -> None:
    assert judge(EPHEMERAL_DEVICE, node_class().with_input("spec.blockDeviceMappings.0.deviceName", "")) == [
        empty(EPHEMERAL_DEVICE, "spec.blockDeviceMappings[0].deviceName")
    ]


def test_exempt() -> None:
    assert judge(EPHEMERAL_DEVICE, SWAPPED, exemptions=[exemption(EPHEMERAL_DEVICE, SWAPPED)]) == []
