"""The plan: everything that follows from the settings, no cloud involved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from workshop.model.plan import sizing
from workshop.model.plan.cost import Cost, total
from workshop.model.plan.nodes import NodePlan, plan_nodes
from workshop.model.settings.regions import Region, Role
from workshop.model.settings.stack import Settings
from workshop.model.window.phases import Phase
from workshop.model.zones.file import ZoneFile
from workshop.model.zones.plan import DnsPlan, plan_dns


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
    event = _nodes(settings, settings.users)
    nodes = event if users == settings.users else _nodes(settings, users)
    return Plan(
        phase=phase,
        users=users,
        litellm=max(settings.litellm.replicas, sizing.litellm(users)),
        server=settings.server.replicas,
        proxy=settings.proxy.replicas,
        regions={region.name: _plan_region(settings, region, users, nodes[region.name]) for region in settings.regions},
        cost=total(_usd_per_hour(nodes), _usd_per_hour(event), settings.window),
        dns=plan_dns(settings, zones),
    )


def plan_of_event(settings: Settings, zones: tuple[ZoneFile, ...] = ()) -> Plan:
    """What is declared while the event runs, whatever the time is now. Raises Refused as make_plan does."""
    return make_plan(settings, zones, None if settings.window is None else Phase.RUNNING)


def _nodes(settings: Settings, users: int) -> dict[str, NodePlan]:
    """Each region's nodes for so many users in all."""
    return {region.name: plan_nodes(settings, region, users) for region in settings.regions}


def _usd_per_hour(nodes: Mapping[str, NodePlan]) -> Decimal:
    return sum((one.usd_per_hour for one in nodes.values()), start=Decimal(0))


def _plan_region(settings: Settings, region: Region, users: int, nodes: NodePlan) -> RegionPlan:
    return RegionPlan(
        name=region.name,
        role=region.role,
        provisioners=_provisioners(settings, users) if region.hosts_provisioners else {},
        hosts=(region.domain, f"*.{region.domain}"),
        nodes=nodes,
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
