"""zone-spread: a region's workspaces do not depend on one availability zone, or somebody has accepted that."""

from __future__ import annotations

import json
from dataclasses import replace

from policies.pack.testing import UNKNOWN, Resource, judge
from policies.zone_spread import ZONE_SPREAD
from tests.model.given import structure
from tests.policies.declared import node_pool, one_of, patch_of
from tests.policies.expecting import exemption, refused, sandbox, unknown, wrong_type

REQUIREMENTS = "spec.template.spec.requirements"
ZONE = "topology.kubernetes.io/zone"


def in_zones(*zones: str) -> Resource:
    return node_pool().with_input(f"{REQUIREMENTS}.3", one_of(ZONE, *zones))


def test_pass_with_two_zones() -> None:
    assert judge(ZONE_SPREAD, in_zones("us-east-2b", "us-east-2c")) == []
    assert judge(ZONE_SPREAD, patch_of(node_pool(), limits={"cpu": "0"})) == []


def test_fail_is_advice_with_what_the_one_zone_costs() -> None:
    assert not ZONE_SPREAD.is_mandatory
    assert judge(ZONE_SPREAD, node_pool()) == [
        refused(
            ZONE_SPREAD,
            "all nodes of the pool are in us-east-2c",
            "require a second zone, or list this one in the option acceptedZones",
            "if it fails, or has no capacity for c6a.4xlarge, m6a.4xlarge, its users have no workspaces",
        )
    ]
    assert judge(ZONE_SPREAD, node_pool(), stack=sandbox) == [
        refused(
            ZONE_SPREAD,
            "all nodes of the pool are in us-east-2c",
            "add a zone, with its subnets, to workshop:regions of us-east-2, or accept it there: "
            "accepts_one_zone: true",
            "if it fails, or has no capacity for c6a.4xlarge, m6a.4xlarge, the 10 users have no workspaces",
        )
    ]


def test_gate_12_one_zone_can_be_accepted() -> None:
    regions = structure("regions")
    regions[0]["accepts_one_zone"] = True
    accepted = ("workshop:regions", json.dumps(regions))

    assert judge(ZONE_SPREAD, node_pool(), stack=lambda: sandbox(20, accepted)) == []
    assert judge(ZONE_SPREAD, in_zones("us-west-2a"), stack=lambda: sandbox(20, accepted)) != []
    assert judge(ZONE_SPREAD, node_pool(), config={"acceptedZones": ["us-east-2c"]}) == []
    assert judge(ZONE_SPREAD, node_pool(), config={"notForWorkspaces": ["workshop-workspaces"]}) == []


def test_boundary_of_zones_that_are_excluded() -> None:
    two = in_zones("us-east-2b", "us-east-2c")
    without = {"key": ZONE, "operator": "NotIn", "values": ["us-east-2b"]}
    assert len(judge(ZONE_SPREAD, two.with_input(f"{REQUIREMENTS}.1", without))) == 1


def test_unknown_zone() -> None:
    assert judge(ZONE_SPREAD, node_pool().with_input(f"{REQUIREMENTS}.3.values", UNKNOWN)) == [
        unknown(ZONE_SPREAD, f"{REQUIREMENTS}[3].values")
    ]


def test_missing_zones_are_any() -> None:
    assert judge(ZONE_SPREAD, node_pool().without_input(f"{REQUIREMENTS}.3")) == []


def test_wrong_type_of_zones() -> None:
    assert judge(ZONE_SPREAD, node_pool().with_input(f"{REQUIREMENTS}.3.values", "us-east-2c")) == [
        wrong_type(ZONE_SPREAD, f"{REQUIREMENTS}[3].values", "the text 'us-east-2c'", "a list")
    ]


def test_empty_types_are_the_pool_s_own() -> None:
    without = node_pool().without_input(f"{REQUIREMENTS}.2")
    assert "no capacity for its types" in judge(ZONE_SPREAD, without)[0]


def test_exempt() -> None:
    declared = replace(node_pool(), name="pool")
    assert judge(ZONE_SPREAD, declared, exemptions=[exemption(ZONE_SPREAD, declared)]) == []
