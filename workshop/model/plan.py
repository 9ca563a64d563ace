"""The plan: everything that follows from the settings, no cloud involved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from workshop.model import sizing
from workshop.model.cost import Cost, total
from workshop.model.nodes import Binding, NodePlan, plan_nodes
from workshop.model.settings import Settings
from workshop.model.settings_regions import Region, Role
from workshop.model.zones import ZoneFile
from workshop.model.zones_plan import DnsPlan, plan_dns

__all__ = ["Binding", "Cost", "NodePlan", "Plan", "RegionPlan", "make_plan"]


@dataclass(frozen=True, kw_only=True)
class RegionPlan:
    """One region: provisioners by organization (empty where it hosts none), hosts to serve, and its nodes."""

    name: str
    role: Role
    provisioners: Mapping[str, int]
    hosts: tuple[str, ...]
    nodes: NodePlan


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Everything derived from the settings. regions: by name, in the settings' order.

    litellm, server and proxy: replicas; proxy in each proxy region. dns: every record, the regions' hosts included.
    """

    users: int
    litellm: int
    server: int
    proxy: int
    regions: Mapping[str, RegionPlan]
    cost: Cost
    dns: DnsPlan


def make_plan(settings: Settings, zones: tuple[ZoneFile, ...] = ()) -> Plan:
    """Derives the plan. Raises Refused where no plan exists at all (a workspace fits on no node, say)."""
    regions = {region.name: _plan_region(settings, region) for region in settings.regions}
    return Plan(
        users=settings.users,
        litellm=max(settings.litellm.replicas, sizing.litellm(settings.users)),
        server=settings.server.replicas,
        proxy=settings.proxy.replicas,
        regions=regions,
        cost=total(sum((region.nodes.usd_per_hour for region in regions.values()), start=Decimal(0)), settings.window),
        dns=plan_dns(settings, zones),
    )


def _plan_region(settings: Settings, region: Region) -> RegionPlan:
    return RegionPlan(
        name=region.name,
        role=region.role,
        provisioners=_provisioners(settings) if region.hosts_provisioners else {},
        hosts=(region.domain, f"*.{region.domain}"),
        nodes=plan_nodes(settings, region),
    )


def _provisioners(settings: Settings) -> dict[str, int]:
    """Pods by organization; the settings may raise the table's floor."""
    return {
        organization.name: max(
            organization.minimum_provisioners,
            sizing.provisioners(settings.users) if organization.is_default else sizing.OTHER_ORGANIZATION_PROVISIONERS,
        )
        for organization in settings.organizations
    }
