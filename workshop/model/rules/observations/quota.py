"""quota: what the node pool may grow to fits EC2's vCPU quota of the account and region (L-1216C47A)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workshop.model.findings import Finding
from workshop.model.observations import Found, Observations
from workshop.model.plan.plan import Plan
from workshop.model.settings.regions import Region
from workshop.model.settings.stack import Scope, Settings

NAME: Final = "quota"


def check(settings: Settings, plan: Plan, observations: Observations) -> Iterator[Finding]:
    """Compares demand and quota in each region; where either is not set, settings-complete says so."""
    if settings.scope is not Scope.ALL:
        return
    for region in settings.regions:
        demand = plan.regions[region.name].nodes.vcpu_demand
        if demand is None or region.vcpu_quota is None:
            continue
        ours = observations.regions[region.name].node_pool_vcpu
        if isinstance(ours, Found):  # counted twice otherwise: as in use, and in the pool's limit
            demand -= min(ours.value, region.vcpu_in_use or 0)
        if demand > region.vcpu_quota:
            yield _too_small(region, demand, region.vcpu_quota, plan.regions[region.name].nodes.limit_vcpu)


def _too_small(region: Region, demand: int, quota: int, limit: int) -> Finding:
    return Finding(
        rule=NAME,
        resource=f"EC2 quota L-1216C47A in {region.name}",
        problem=f"{demand} vCPU are needed (up to {limit} of them for the workspace pool), the quota is {quota}",
        why="EC2 would refuse nodes and workspaces would stay pending",
        fix=(
            "aws service-quotas request-service-quota-increase --service-code ec2 --quota-code L-1216C47A "
            f"--region {region.name} --desired-value {demand}, then set workshop:regions (vcpu_quota of {region.name})"
        ),
    )
