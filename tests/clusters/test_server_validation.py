"""What an API server with Karpenter's CRDs refuses by itself, and what it lets pass and our policies refuse.

A new version that judges otherwise fails here: what it no longer refuses needs a policy, what it starts to is noticed.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from policies.pack.catalog import POLICIES
from policies.pack.testing import Resource, judge
from tests.policies.declared import ebs, node_class, node_pool, one_of
from workshop.sandbox.clusters.store import ApiServerStore
from workshop.sandbox.json_values import Json
from workshop.sandbox.manifests.merging import ClusterRefusal

REQUIREMENTS = "spec.template.spec.requirements"
FIRST_VOLUME = "spec.blockDeviceMappings.0.ebs"
SECOND_VOLUME = "spec.blockDeviceMappings.1"


def requirement(key: str, operator: str = "In", *values: str, **more: Json) -> Resource:
    """A pool with one requirement more."""
    pool = node_pool()
    present: list[Json] = pool.inputs["spec"]["template"]["spec"]["requirements"]
    added = {"key": key, "operator": operator, **({"values": list(values)} if values else {}), **more}
    return pool.with_input(REQUIREMENTS, [*present, added])


def pool(path: str, value: Json) -> Resource:
    return node_pool().with_input(path, value)


def classed(path: str, value: Json) -> Resource:
    return node_class().with_input(path, value)


def replaced(key: str, *values: str) -> Resource:
    """A pool with other values for one of its keys."""
    found = node_pool()
    kept: list[Json] = [one for one in found.inputs["spec"]["template"]["spec"]["requirements"] if one["key"] != key]
    return found.with_input(REQUIREMENTS, [*kept, one_of(key, *values)])


REFUSED: Mapping[str, Resource] = {
    "unknown karpenter.sh key": requirement("karpenter.sh/capacity", "In", "on-demand"),
    "unknown karpenter.k8s.aws key": requirement("karpenter.k8s.aws/instance-kind", "In", "c"),
    "karpenter.sh/nodepool": requirement("karpenter.sh/nodepool", "In", "other"),
    "kubernetes.io/hostname": requirement("kubernetes.io/hostname", "In", "a"),
    "malformed key": requirement("topology.kubernetes.io//zone", "In", "us-east-2c"),
    "In without values": requirement("example.com/a", "In"),
    "Gt with text": requirement("karpenter.k8s.aws/instance-cpu", "Gt", "many"),
    "unknown operator": requirement("example.com/a", "Equals", "b"),
    "minValues beyond the values": requirement("example.com/a", "In", "b", minValues=2),
    "expireAfter in days": pool("spec.template.spec.expireAfter", "1d"),
    "consolidation policy of v1beta1": pool("spec.disruption.consolidationPolicy", "WhenUnderutilized"),
    "budget of no number": pool("spec.disruption.budgets", [{"nodes": "some"}]),
    "budget with a schedule and no duration": pool("spec.disruption.budgets", [{"nodes": "0", "schedule": "@daily"}]),
    "limit of no quantity": pool("spec.limits.cpu", "many"),
    "weight over 100": pool("spec.weight", 101),
    "taint without effect": pool("spec.template.spec.taints", [{"key": "a"}]),
    "unknown field": pool("spec.template.spec.expiresAfter", "Never"),
    "disruption without consolidateAfter": pool("spec.disruption", {"consolidationPolicy": "WhenEmpty"}),
    "volume size without a unit": classed(f"{FIRST_VOLUME}.volumeSize", "200"),
    "volume size as a number": classed(f"{FIRST_VOLUME}.volumeSize", 200),
    "volume size in GB": classed(f"{FIRST_VOLUME}.volumeSize", "200GB"),
    "volume size over 64Ti": classed(f"{FIRST_VOLUME}.volumeSize", "70Ti"),
    "volume type that isn't": classed(f"{FIRST_VOLUME}.volumeType", "gp5"),
    "two root volumes": classed(
        "spec.blockDeviceMappings",
        [{"deviceName": f"/dev/xvd{one}", "rootVolume": True, "ebs": ebs("50Gi")} for one in "ab"],
    ),
    "volume of no size and no snapshot": classed(f"{SECOND_VOLUME}.ebs", {"volumeType": "gp3"}),
    "AMI alias without a version": classed("spec.amiSelectorTerms", [{"alias": "bottlerocket"}]),
    "AMI alias of another family": classed("spec.amiFamily", "AL2023"),
    "role and instance profile": classed("spec.instanceProfile", "profile"),
    "no subnet selectors": classed("spec.subnetSelectorTerms", []),
    "reserved tag": classed("spec.tags", {"karpenter.sh/nodepool": "a"}),
}

PASSED: Mapping[str, Resource] = {
    "made-up capacity key": requirement("kubernetes.sh/capacity-type", "In", "on-demand"),
    "made-up kubernetes.io key": requirement("kubernetes.io/foo", "In", "a"),
    "zone key in the plural": requirement("topology.kubernetes.io/zones", "In", "us-east-2c"),
    "misspelt instance type key": requirement("node.kubernetes.io/instance-typ", "In", "c6a.4xlarge"),
    "capacity type ondemand": replaced("karpenter.sh/capacity-type", "ondemand"),
    "architecture x86_64": replaced("kubernetes.io/arch", "x86_64"),
    "instance type that doesn't exist": replaced("node.kubernetes.io/instance-type", "c5a.32xlarge"),
    "contradiction": requirement("kubernetes.io/arch", "In", "arm64"),
    "limit of cpus": pool("spec.limits", {"cpus": "80", "memory": "320Gi"}),
    "class of another kind": pool("spec.template.spec.nodeClassRef.kind", "EC2NodeClasses"),
    "value over 63 characters": requirement("example.com/a", "In", "a" * 64),
    "iops of 1": classed(f"{SECOND_VOLUME}.ebs.iops", 1),
    "iops of 500000": classed(f"{SECOND_VOLUME}.ebs.iops", 500000),
    "throughput of 5000": classed(f"{SECOND_VOLUME}.ebs.throughput", 5000),
    "throughput on gp2": classed(f"{SECOND_VOLUME}.ebs", {**ebs("224Gi"), "volumeType": "gp2", "throughput": 250}),
    "device twice": classed(f"{SECOND_VOLUME}.deviceName", "/dev/xvda"),
    "device that isn't": classed(f"{SECOND_VOLUME}.deviceName", "/dev/xvdz"),
    "volume size in decimal": classed(f"{SECOND_VOLUME}.ebs.volumeSize", "224G"),
    "zone that doesn't exist": replaced("topology.kubernetes.io/zone", "us-east-2z"),
    "role as an ARN": classed("spec.role", "arn:aws:iam::123456789012:role/workshop-node"),
    "id and tags in one of two subnet terms": classed(
        "spec.subnetSelectorTerms", [{"tags": {"a": "b"}}, {"id": "subnet-0123456789abcdef0", "tags": {"a": "b"}}]
    ),
}


def dry_run(store: ApiServerStore, resource: Resource) -> None:
    store.create(dict(resource.inputs), "pulumi-kubernetes", is_dry_run=True)


def refusals(resource: Resource) -> set[str]:
    """What mandatory policies say of a pool or class, with the other one as it should be."""
    other = node_class() if resource.type.endswith("NodePool") else node_pool()
    mandatory = (policy for policy in POLICIES if policy.is_mandatory)
    return {message for policy in mandatory for message in judge(policy, resource, other)}


@pytest.mark.clusters
def test_what_is_right_passes(store: ApiServerStore) -> None:
    for resource in (node_pool(), node_class()):
        dry_run(store, resource)
        assert refusals(resource) == set()


@pytest.mark.clusters
@pytest.mark.parametrize("what", REFUSED)
def test_server_refuses(store: ApiServerStore, what: str) -> None:
    with pytest.raises(ClusterRefusal) as refused:
        dry_run(store, REFUSED[what])
    assert refused.value.reason in ("Invalid", "BadRequest")


@pytest.mark.clusters
@pytest.mark.parametrize("what", PASSED)
def test_server_lets_pass(store: ApiServerStore, what: str) -> None:
    dry_run(store, PASSED[what])


@pytest.mark.parametrize("what", PASSED)
def test_policies_refuse_what_the_server_lets_pass(what: str) -> None:
    assert refusals(PASSED[what])
