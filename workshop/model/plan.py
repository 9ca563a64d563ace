"""The plan: everything that follows from the settings, no cloud involved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from workshop.model import sizing
from workshop.model.cost import Cost, total
from workshop.model.nodes import NodePlan, plan_nodes
from workshop.model.phases import Phase
from workshop.model.settings import Settings
from workshop.model.settings_regions import Region, Role
from workshop.model.zones import ZoneFile
from workshop.model.zones_plan import DnsPlan, plan_dns


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
    """Everything derived from settings and phase. regions: by name, in the settings' order.

    phase: None where no window is set. users: for how many there is room, none outside the window, which is the
    baseline. litellm, server and proxy: replicas; proxy in each proxy region. dns: every record, the regions' hosts
    included.
    """

    phase: Phase | None
    users: int
    litellm: int
    server: int
    proxy: int
    regions: Mapping[str, RegionPlan]
    cost: Cost
    dns: DnsPlan


def make_plan(settings: Settings, zones: tuple[ZoneFile, ...] = (), phase: Phase | None = None) -> Plan:
    """Derives the plan of a phase; phase is None exactly where no window is set.

    Raises Refused where no plan exists at all (a workspace fits on no node, say).
    """
    if (phase is None) != (settings.window is None):
        raise ValueError("a plan has a phase where, and only where, a window is set")
    users = settings.users if phase is None or phase.is_in_window else 0
    regions = {region.name: _plan_region(settings, region, users) for region in settings.regions}
    at_the_event = (plan_nodes(settings, region, settings.users).usd_per_hour for region in settings.regions)
    return Plan(
        phase=phase,
        users=users,
        litellm=max(settings.litellm.replicas, sizing.litellm(users)),
        server=settings.server.replicas,
        proxy=settings.proxy.replicas,
        regions=regions,
        cost=total(
            sum((region.nodes.usd_per_hour for region in regions.values()), start=Decimal(0)),
            sum(at_the_event, start=Decimal(0)),
            settings.window,
        ),
        dns=plan_dns(settings, zones),
    )


def plan_of_event(settings: Settings, zones: tuple[ZoneFile, ...] = ()) -> Plan:
    """What is declared while the event runs, whatever the time is now. Raises Refused as make_plan does."""
    return make_plan(settings, zones, None if settings.window is None else Phase.RUNNING)


def _plan_region(settings: Settings, region: Region, users: int) -> RegionPlan:
    return RegionPlan(
        name=region.name,
        role=region.role,
        provisioners=_provisioners(settings, users) if region.hosts_provisioners else {},
        hosts=(region.domain, f"*.{region.domain}"),
        nodes=plan_nodes(settings, region, users),
    )


def _provisioners(settings: Settings, users: int) -> dict[str, int]:
    """Pods by organization; the settings may raise the table's floor."""
    return {
        organization.name: max(
            organization.minimum_provisioners,
            sizing.provisioners(users) if organization.is_default else sizing.OTHER_ORGANIZATION_PROVISIONERS,
        )
        for organization in settings.organizations
    }
