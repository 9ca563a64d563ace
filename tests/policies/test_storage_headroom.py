"""storage-headroom: a node full of workspaces still has most of its storage free."""

from __future__ import annotations

import pytest

from policies.pack.testing import UNKNOWN, judge
from policies.storage_headroom import STORAGE_HEADROOM
from tests.policies.declared import ebs, node_class, patch_of
from tests.policies.expecting import by_patch, exemption, refused, takes

WHY = "a node whose storage fills up evicts its workspaces, and their files are gone"
SIZE = "spec.blockDeviceMappings.1.ebs.volumeSize"


def too_small(
    place: str, allocatable: int, fix: str = "set spec.blockDeviceMappings[1].ebs.volumeSize to 224Gi or more"
) -> str:
    return (
        f"{place} gives {allocatable} GiB allocatable, of which 3 workspaces, images and logs take 80 GiB at peak; "
        f"more than 60 % must stay free; {WHY}: {fix}"
    )


OWN_VOLUME = too_small(
    "the AMI's own volume, which no mapping sizes,", 17, "declare a volume of 224Gi with deviceName /dev/xvdb"
)


def test_pass_with_headroom_at_peak() -> None:
    assert judge(STORAGE_HEADROOM, node_class()) == []


def test_fail_on_the_incident_s_50_gib_volume() -> None:
    swapped = node_class(
        blockDeviceMappings=[
            {"deviceName": "/dev/xvda", "ebs": ebs("1400Gi")},
            {"deviceName": "/dev/xvdb", "ebs": ebs("50Gi")},
        ]
    )

    assert judge(STORAGE_HEADROOM, swapped) == [too_small("spec.blockDeviceMappings[1] (/dev/xvdb)", 44)]


@pytest.mark.parametrize("field", ["amiFamily", "blockDeviceMappings", "instanceStorePolicy", "kubelet"])
def test_fail_on_a_patch_that_changes_a_node_s_storage(field: str) -> None:
    assert judge(STORAGE_HEADROOM, patch_of(node_class(), **{field: UNKNOWN})) == [
        by_patch(STORAGE_HEADROOM, f"spec.{field}")
    ]
    assert judge(STORAGE_HEADROOM, patch_of(node_class(), tags={"a": "b"})) == []


def test_boundary_exactly_the_headroom_is_not_more_than_it() -> None:
    exactly = {"evictionHard": {"nodefs.available": "23Gi"}, "maxPods": 9}

    assert judge(STORAGE_HEADROOM, node_class(kubelet=exactly)) == [
        too_small(
            "spec.blockDeviceMappings[1] (/dev/xvdb)",
            200,
            "set spec.blockDeviceMappings[1].ebs.volumeSize to 225Gi or more",
        )
    ]
    one_byte_more = {**exactly, "evictionHard": {"nodefs.available": str(23 * 1024**3 - 1)}}
    assert judge(STORAGE_HEADROOM, node_class(kubelet=one_byte_more)) == []


def test_boundary_of_a_node_without_room_for_a_workspace_is_judged_with_one() -> None:
    none = node_class(kubelet={"maxPods": 6}).with_input(SIZE, "112Gi")

    assert judge(STORAGE_HEADROOM, none) == [
        refused(
            STORAGE_HEADROOM,
            "spec.blockDeviceMappings[1] (/dev/xvdb) gives 99 GiB allocatable, of which 1 workspace, images and logs "
            "take 40 GiB at peak; more than 60 % must stay free",
            "set spec.blockDeviceMappings[1].ebs.volumeSize to 113Gi or more",
        )
    ]
    assert judge(STORAGE_HEADROOM, none.with_input(SIZE, "113Gi")) == []


@pytest.mark.parametrize(
    ("option", "least", "most"),
    [
        ("workspaceStorageGiB", 1, None),
        ("imagesAndLogsGiB", 1, None),
        ("headroomPercent", 60, 95),
        ("daemonSetPods", 0, None),
    ],
)
def test_boundary_of_the_options(option: str, least: int, most: int | None) -> None:
    assert takes(STORAGE_HEADROOM, option, least)
    assert not takes(STORAGE_HEADROOM, option, least - 1)
    assert takes(STORAGE_HEADROOM, option, most or 10_000)
    assert most is None or not takes(STORAGE_HEADROOM, option, most + 1)


def test_boundary_of_the_kubelet_s_reservations_and_thresholds() -> None:
    """224 GiB less 1 for the kubelet and 10 % for eviction leave 200.6, where 200 must be exceeded."""
    for kubelet in (
        {"kubeReserved": {"ephemeral-storage": "2Gi"}},
        {"systemReserved": {"ephemeral-storage": "1Gi"}},
        {"evictionHard": {"nodefs.available": "11%"}},
        {"evictionHard": {"nodefs.available": "10.5%"}},
        {"evictionHard": {"nodefs.available": "5%"}, "evictionSoft": {"nodefs.available": "11%"}},
    ):
        (found,) = judge(STORAGE_HEADROOM, node_class(kubelet={"maxPods": 9, **kubelet}))
        assert "3 workspaces, images and logs take 80 GiB at peak" in found
    smaller = node_class().with_input(SIZE, "202Gi")
    assert len(judge(STORAGE_HEADROOM, smaller)) == 1
    for kubelet in (
        {"evictionHard": {"nodefs.available": "100%"}},
        {"evictionHard": {"nodefs.available": "0%"}},
    ):
        assert judge(STORAGE_HEADROOM, smaller.with_input("spec.kubelet", {"maxPods": 9, **kubelet})) == []


def test_unknown_volume_size() -> None:
    assert judge(STORAGE_HEADROOM, node_class().with_input(SIZE, UNKNOWN)) == [
        f"spec.blockDeviceMappings[1].ebs.volumeSize is not known before the change; {WHY}: "
        "give it as a plain value, not as another resource's output"
    ]


def test_missing_max_pods() -> None:
    assert judge(STORAGE_HEADROOM, node_class().without_input("spec.kubelet")) == [
        f"spec.kubelet is missing; {WHY}: declare it"
    ]


def test_missing_device_of_a_volume_is_not_the_kubelet_s() -> None:
    root = node_class(blockDeviceMappings=[{"rootVolume": True, "ebs": ebs("500Gi")}])

    assert judge(STORAGE_HEADROOM, root) == [OWN_VOLUME]


def test_missing_mapping_means_the_ami_s_own_20_gib() -> None:
    assert judge(STORAGE_HEADROOM, node_class().without_input("spec.blockDeviceMappings")) == [OWN_VOLUME]


def test_wrong_type_of_volume_size() -> None:
    assert judge(STORAGE_HEADROOM, node_class().with_input(SIZE, "200 gigabytes")) == [
        "spec.blockDeviceMappings[1].ebs.volumeSize is the text '200 gigabytes', must be a quantity such as 200Gi; "
        f"{WHY}: set spec.blockDeviceMappings[1].ebs.volumeSize to a quantity such as 200Gi"
    ]


def test_empty_list_of_mappings() -> None:
    assert judge(STORAGE_HEADROOM, node_class(blockDeviceMappings=[])) == [OWN_VOLUME]


def test_exempt() -> None:
    small = node_class().with_input(SIZE, "50Gi")

    assert judge(STORAGE_HEADROOM, small, exemptions=[exemption(STORAGE_HEADROOM, small)]) == []
    assert judge(STORAGE_HEADROOM, small, config={"notForWorkspaces": ["workshop-workspaces"]}) == []
