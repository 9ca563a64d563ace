"""zone-spread: a region's workspaces do not depend on one availability zone, or somebody has accepted that."""

from __future__ import annotations

from collections.abc import Iterator

from policies.framework.kinds import NODE_POOL
from policies.framework.policy import Context, Declared, Option, Policy, Problem
from policies.resources.instance_labels import INSTANCE_TYPE, ZONE
from policies.resources.node_pools import allowed_values, requirements
from policies.resources.workspaces import NOT_FOR_WORKSPACES, runs_workspaces


def judge(declared: Declared, context: Context) -> Iterator[Problem]:
    """A pool all of whose nodes are in one zone, with how many users depend on it."""
    if declared.is_patch or not runs_workspaces(declared, context):
        return
    found = requirements(declared)
    zones = allowed_values(found, ZONE) or frozenset()
    accepted = {zone.text() for zone in context.options.member("acceptedZones").items_or_none()}
    stack = context.stack
    region = next((one for one in stack.settings.regions if set(one.zones) & zones), None) if stack else None
    if len(zones) != 1 or zones <= accepted or (region and region.accepts_one_zone):
        return
    (zone,) = zones
    types = ", ".join(sorted(allowed_values(found, INSTANCE_TYPE) or ())) or "its types"
    users = f"the {stack.plan.regions[region.name].nodes.users}" if stack and region else "its"
    yield Problem(
        problem=f"all nodes of the pool are in {zone}",
        why=f"if it fails, or has no capacity for {types}, {users} users have no workspaces",
        fix=(
            f"add a zone, with its subnets, to workshop:regions of {region.name}, or accept it there: "
            "accepts_one_zone: true"
            if region
            else "require a second zone, or list this one in the option acceptedZones"
        ),
    )


ZONE_SPREAD = Policy(
    id="zone-spread",
    title="Workspaces of a region do not depend on one availability zone.",
    why="one zone's failure takes the region's workshop",
    fix="Name a second zone that has subnets, or accept the one.",
    source="facts of the real repository: all three workspace subnets of us-east-2 are in zone c",
    severity="medium",
    is_mandatory=False,
    applies_to=NODE_POOL,
    judge=judge,
    options={
        "acceptedZones": Option(
            schema={
                "type": "array",
                "items": {"type": "string"},
                "description": "zones on which a pool may depend alone",
            },
            default=[],
        ),
        **NOT_FOR_WORKSPACES,
    },
)
