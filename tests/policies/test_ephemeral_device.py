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
        ("Custom", [volume("/dev/sda1", "20Gi"), volume("/dev/sdb", "224Gi")]),
        ("Bottlerocket", [volume("/dev/xvda", "224Gi", rootVolume=True), volume("/dev/xvdb", "50Gi")]),
    ],
)
def test_pass_on_the_device_that_the_kubelet_uses(family: str, mappings: list[object]) -> None:
    assert judge(EPHEMERAL_DEVICE, node_class(amiFamily=family, blockDeviceMappings=mappings)) == []


def test_fail_on_the_incident_s_swapped_volumes() -> None:
    assert judge(EPHEMERAL_DEVICE, SWAPPED) == [WHY_SWAPPED]


def test_fail_on_the_root_volume_that_is_not_the_large_one() -> None:
    mappings = [volume("/dev/xvda", "4Gi", rootVolume=True), volume("/dev/xvdb", "224Gi")]

    assert judge(EPHEMERAL_DEVICE, node_class(blockDeviceMappings=mappings)) == [
        refused(
            EPHEMERAL_DEVICE,
            "the workspace volume is on /dev/xvdb (224 GiB), Bottlerocket's kubelet uses /dev/xvda (4 GiB)",
            "give /dev/xvda the volumeSize of /dev/xvdb, and that one what the system needs",
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


def test_missing_mapping_of_a_custom_ami() -> None:
    assert judge(EPHEMERAL_DEVICE, node_class(amiFamily="Custom").without_input("spec.blockDeviceMappings")) == [
        refused(
            EPHEMERAL_DEVICE,
            "Custom's kubelet uses the last mapping, for which spec.blockDeviceMappings declares no volume (20 GiB)",
            "declare a volume",
        )
    ]


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
            "declare it with that type",
        )
    ]


def test_empty_device() -> None:
    assert judge(EPHEMERAL_DEVICE, node_class().with_input("spec.blockDeviceMappings.0.deviceName", "")) == [
        empty(EPHEMERAL_DEVICE, "spec.blockDeviceMappings[0].deviceName")
    ]


def test_exempt() -> None:
    assert judge(EPHEMERAL_DEVICE, SWAPPED, exemptions=[exemption(EPHEMERAL_DEVICE, SWAPPED)]) == []
