"""zone-capacity: each zone has a subnet with addresses for our nodes, and instance types that AWS offers there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from workshop.checks.check import CheckOutcome, RegionCheck, failed, passed, warning
from workshop.checks.clients import asked_of_aws
from workshop.checks.service import Inconclusive
from workshop.checks.site import Site
from workshop.model.counting import counted
from workshop.model.preflight.record import Stage
from workshop.model.settings.regions import Region

ADDRESSES_PER_NODE: Final = 60
"""What a 4xlarge node takes of its subnet: two network interfaces of 30 addresses, one of them in reserve (the default
of AWS VPC CNI's WARM_ENI_TARGET)."""


class ZoneCapacity(RegionCheck):
    """Karpenter starts a node where there is a subnet with free addresses and a type on offer."""

    id = "zone-capacity"
    stage = Stage.BEFORE_EVENT
    asks = "AWS"
    needed = "subnets with free addresses, and instance types on offer, in each zone"

    def look(self, site: Site, region: Region) -> CheckOutcome:
        """AWS tells what it offers in a zone, not whether any is left: that only a capacity reservation promises."""
        plan = site.plan.regions[region.name].nodes
        if not plan.users:
            return passed("no users are expected here", "nothing")
        selector, types = region.subnet_selector, site.settings.workspaces.instance_types
        value = selector.value or region.cluster.name
        if not value or not region.zones:
            raise Inconclusive("the zones, or the subnets' tag, are not set", "see settings-complete in gate-clean")
        free = asked_of_aws(site, "ec2", region.name, lambda client: _free_addresses(client, selector.tag, value))
        offered = asked_of_aws(site, "ec2", region.name, lambda client: _offered(client, types))
        demand = (plan.nodes + 1) * ADDRESSES_PER_NODE
        needed = f"{demand} addresses and one of {', '.join(types)} in each of {', '.join(region.zones)}"
        found = ", ".join(f"{zone} {free.get(zone, 0)} free" for zone in region.zones)
        without = [zone for zone in region.zones if zone not in free]
        if without:
            tag = f"{selector.tag}={value}"
            return failed(
                f"no subnet tagged {tag} in {', '.join(without)}", needed, f"tag one, or correct {region.name}'s zones"
            )
        idle = [zone for zone in region.zones if not offered.get(zone)]
        if idle:
            return failed(f"none of the types is offered in {', '.join(idle)}", needed, "name other zones or types")
        if sum(free[zone] for zone in region.zones) < demand:
            return failed(found, needed, "add a subnet with that tag, or free addresses (aws ec2 describe-subnets)")
        tight = [zone for zone in region.zones if free[zone] < ADDRESSES_PER_NODE]
        missing = [f"{kind} in {zone}" for zone in region.zones for kind in types if kind not in offered[zone]]
        if tight or missing:
            words = [f"no node fits in {zone}" for zone in tight] + [f"no {one}" for one in missing]
            return warning(f"{found}; {'; '.join(words)}", needed, "others take their place, as long as they are there")
        return passed(f"{found}; {counted(len(types), 'type')} offered in each", needed)


def _free_addresses(client: Any, tag: str, value: str) -> Mapping[str, int]:  # noqa: ANN401 - boto3 makes its clients
    """By zone, of all subnets that Karpenter would choose from."""
    filters = [{"Name": f"tag:{tag}", "Values": [value]}]
    free: dict[str, int] = {}
    for page in client.get_paginator("describe_subnets").paginate(Filters=filters):
        for subnet in page["Subnets"]:
            zone = subnet["AvailabilityZone"]
            free[zone] = free.get(zone, 0) + subnet["AvailableIpAddressCount"]
    return free


def _offered(client: Any, types: tuple[str, ...]) -> Mapping[str, set[str]]:  # noqa: ANN401 - boto3 makes its clients
    """By zone, which of these instance types AWS offers."""
    filters = [{"Name": "instance-type", "Values": list(types)}]
    pages = client.get_paginator("describe_instance_type_offerings").paginate(
        LocationType="availability-zone", Filters=filters
    )
    offered: dict[str, set[str]] = {}
    for page in pages:
        for one in page["InstanceTypeOfferings"]:
            offered.setdefault(one["Location"], set()).add(one["InstanceType"])
    return offered
