"""What Karpenter's kwok provider is given is what was declared, but for the class that it knows."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from tests.model.rehearsal.test_verdict import rehearsal
from workshop.model.instances import INSTANCE_TYPES, ZONES
from workshop.model.rehearsal.cluster import KWOK_CLASS, instance_types, on_kwok
from workshop.model.rehearsal.faults import Fault

REQUIREMENTS = [{"key": "node.kubernetes.io/instance-type", "operator": "In", "values": ["c6a.4xlarge", "m6a.4xlarge"]}]
POOL: dict[str, Any] = {
    "apiVersion": "karpenter.sh/v1",
    "kind": "NodePool",
    "metadata": {
        "name": "workshop-workspaces",
        "labels": {"app.kubernetes.io/managed-by": "ai-coder-workshop"},
        "annotations": {"ai-coder-workshop/users": "20"},
        "uid": "0",
        "resourceVersion": "7",
        "managedFields": [{}],
    },
    "spec": {
        "limits": {"cpu": "80"},
        "weight": 100,
        "template": {
            "spec": {
                "requirements": REQUIREMENTS,
                "nodeClassRef": {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "ours"},
            }
        },
    },
    "status": {"nodes": 0},
}


def test_a_pool_s_copy_differs_in_its_class_alone() -> None:
    before = deepcopy(POOL)
    copy = on_kwok(POOL)
    assert before == POOL
    assert copy["spec"]["template"]["spec"].pop("nodeClassRef") == KWOK_CLASS
    del before["spec"]["template"]["spec"]["nodeClassRef"], before["status"]
    for field in ("uid", "resourceVersion", "managedFields"):
        del before["metadata"][field]
    assert copy == before


def test_the_catalogue_offers_what_nodes_of_our_class_do() -> None:
    found = {one["name"]: one for one in instance_types(rehearsal(), "us-east-2")}
    assert found.keys() == {name for name, one in INSTANCE_TYPES.items() if "us-east-2" in one.usd_per_hour}
    kind = found["m6a.4xlarge"]
    offered = INSTANCE_TYPES["m6a.4xlarge"]
    assert kind["resources"] == {
        "cpu": f"{offered.allocatable_millicores + 100}m",
        "memory": f"{offered.allocatable_mib + 10}Mi",
        "ephemeral-storage": "200Gi",
        "pods": "9",
    }
    assert {one["Price"] for one in kind["offerings"]} == {float(offered.usd_per_hour["us-east-2"])}
    zones = [need["values"] for one in kind["offerings"] for need in one["Requirements"] if "zone" in need["key"]]
    assert zones == [[zone] for zone in sorted(ZONES["us-east-2"])]


def test_a_lower_limit_is_so_many_nodes_lower() -> None:
    assert on_kwok(POOL, nodes_fewer=2)["spec"]["limits"] == {"cpu": "48"}


def test_where_aws_has_no_capacity_nothing_is_on_offer() -> None:
    played = rehearsal(fault=Fault.NO_CAPACITY)
    for region, is_there in (("us-east-2", False), ("us-west-2", True)):
        needs = [
            need for one in instance_types(played, region) for each in one["offerings"] for need in each["Requirements"]
        ]
        zones = {need["values"][0] for need in needs if need["key"] == "topology.kubernetes.io/zone"}
        assert zones == (set(ZONES[region]) if is_there else {"elsewhere"})


def test_the_volumes_of_september_offer_44_gib() -> None:
    played = rehearsal(fault=Fault.SMALL_VOLUME)
    assert {one["resources"]["ephemeral-storage"] for one in instance_types(played, "us-east-2")} == {"44Gi"}
