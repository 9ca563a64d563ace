"""What an event costs, and whether it can cost more than its budget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Final

from workshop.model.instances import GP3_USD_PER_GIB_MONTH, INSTANCE_TYPES
from workshop.model.plan.cost import HOURS_PER_MONTH, hours
from workshop.model.plan.nodes import NodePlan, plan_nodes
from workshop.model.plan.warm import warm_at
from workshop.model.settings.event import Event
from workshop.model.settings.regions import Region
from workshop.model.settings.stack import Settings

TAIL: Final = timedelta(minutes=30)
"""From a seat's end until its node is gone: saved, stopped, drained, and after 10 minutes more terminated by tag."""

THRESHOLDS_PERCENT: Final = (50, 75, 90, 100)
"""Of the budget; each is reported once."""


@dataclass(frozen=True, kw_only=True)
class EventCost:
    """USD by kind. early_access, with its own tail, provisioning, running, tail: nodes in that time; volumes: theirs,
    in all of it; ai: set aside. Provisioning begins when nodes are made ready.
    """

    early_access: Decimal
    provisioning: Decimal
    running: Decimal
    tail: Decimal
    volumes: Decimal
    ai: Decimal

    @property
    def total(self) -> Decimal:
        """All kinds together."""
        return self.early_access + self.provisioning + self.running + self.tail + self.volumes + self.ai


@dataclass(frozen=True, kw_only=True)
class EarlyAccess:
    """Every seat is started at starts_at, and ends at ends_at; gone_at: when its node is gone, the latter two no later
    than the event's own start."""

    starts_at: datetime
    ends_at: datetime
    gone_at: datetime


@dataclass(frozen=True, kw_only=True)
class EventPlan:
    """One event. Moments are UTC or the window's own; money is USD.

    early: None where there is no early access, or none before the event starts by itself.
    warm_at: when nodes are made ready; starts_at: when seats are started; ends_at: when the last one ends; gone_at:
    when its node is gone.
    all_come, half_come: the cost if so many do. around_the_clock: if nodes ran for the whole window instead.
    usd_per_hour: nodes and volumes while all seats run, which is what an hour's extension of all of them costs.
    usd_per_hour_at_limits: by region, with its pool at its limits. volume_gib: the largest of a node's volume.
    most: what the pools' limits let it cost at worst, whatever fails, as long as ends hold.
    thresholds: when spent money and the tail reach that percentage of the budget if all come; None: never.
    """

    seats: int
    early: EarlyAccess | None
    warm_at: datetime
    starts_at: datetime
    ends_at: datetime
    gone_at: datetime
    all_come: EventCost
    half_come: EventCost
    around_the_clock: Decimal
    usd_per_hour: Decimal
    usd_per_hour_at_limits: Mapping[str, Decimal]
    volume_gib: int
    most: Decimal
    thresholds: Mapping[int, datetime | None]

    @property
    def early_at(self) -> datetime | None:
        """When seats are started for early access; None without."""
        return self.early.starts_at if self.early else None

    @property
    def paid(self) -> timedelta:
        """For how long nodes are paid, early access included."""
        return _paid(self.early) + (self.gone_at - self.warm_at)

    def gone_by(self, now: datetime) -> datetime:
        """When the nodes of seats that run now are gone, as planned."""
        if self.early is None or now >= self.warm_at or self.early.gone_at == self.warm_at:
            return self.gone_at
        return self.early.gone_at

    @property
    def usd_per_seat(self) -> Decimal:
        """Cost of one seat if all come."""
        return self.all_come.total / self.seats


def seats_of(settings: Settings) -> int:
    """How many seats the event has. Raises ValueError where no event is set."""
    if settings.event is None:
        raise ValueError("no event is set")
    return settings.users - settings.event.reserve if settings.event.seats is None else settings.event.seats


def plan_event(settings: Settings) -> EventPlan | None:
    """Plans the event; None where none is set, or no window. Raises Refused where there is no plan at all."""
    event, window = settings.event, settings.window
    if event is None or window is None:
        return None
    nodes = _nodes(settings, settings.users)
    starts_at, ends_at = window.start - event.provisioning, window.start + event.latest_end
    ready_at = warm_at(settings, window)
    early = _early(event, window.start - event.early_access, ready_at)
    times = (_paid(early), window.start - ready_at, event.latest_end, TAIL)
    rate = sum((plan.usd_per_hour for plan in nodes.values()), Decimal(0))
    at_limits = {region.name: _region_at_limits(settings, region, nodes[region.name]) for region in settings.regions}
    return EventPlan(
        seats=seats_of(settings),
        early=early,
        warm_at=ready_at,
        starts_at=starts_at,
        ends_at=ends_at,
        gone_at=ends_at + TAIL,
        all_come=_cost(nodes, times, event.ai_usd),
        half_come=_cost(_nodes(settings, -(-settings.users // 2)), times, event.ai_usd),
        around_the_clock=rate * hours(window.closes_at - window.opens_at) + event.ai_usd,
        usd_per_hour=rate,
        usd_per_hour_at_limits=at_limits,
        volume_gib=max(plan.volume_gib for plan in nodes.values()),
        most=sum(at_limits.values(), Decimal(0)) * hours(sum(times, timedelta(0))) + event.ai_usd,
        thresholds={
            percent: _reached(Decimal(event.budget_usd * percent) / 100 - event.ai_usd, rate, early, ready_at, ends_at)
            for percent in THRESHOLDS_PERCENT
        },
    )


def seat_usd(event: Event, plan: EventPlan) -> Decimal:
    """What a seat's own key may spend on models: its share, in whole cents, of what is set aside."""
    return max((event.ai_usd / Decimal(plan.seats)).quantize(Decimal("0.01"), ROUND_DOWN), Decimal("0.01"))


def _early(event: Event, early_at: datetime, ready_at: datetime) -> EarlyAccess | None:
    if early_at >= ready_at:
        return None
    ends_at = min(early_at + event.early_hours, ready_at)
    return EarlyAccess(starts_at=early_at, ends_at=ends_at, gone_at=min(ends_at + TAIL, ready_at))


def _paid(early: EarlyAccess | None) -> timedelta:
    return early.gone_at - early.starts_at if early else timedelta(0)


def _nodes(settings: Settings, users: int) -> Mapping[str, NodePlan]:
    return {region.name: plan_nodes(settings, region, users) for region in settings.regions}


def _cost(nodes: Mapping[str, NodePlan], times: tuple[timedelta, ...], ai_usd: int) -> EventCost:
    volumes = sum((_volume_usd_per_hour(region, plan) * plan.nodes for region, plan in nodes.items()), Decimal(0))
    machines = sum((plan.usd_per_hour for plan in nodes.values()), Decimal(0)) - volumes
    early_access, provisioning, running, tail = (machines * hours(time) for time in times)
    return EventCost(
        early_access=early_access,
        provisioning=provisioning,
        running=running,
        tail=tail,
        volumes=volumes * hours(sum(times, timedelta(0))),
        ai=Decimal(ai_usd),
    )


def _volume_usd_per_hour(region: str, plan: NodePlan) -> Decimal:
    return GP3_USD_PER_GIB_MONTH[region] * plan.volume_gib / HOURS_PER_MONTH


def _region_at_limits(settings: Settings, region: Region, plan: NodePlan) -> Decimal:
    """As many nodes as vCPU and memory limits let Karpenter start of one type, at the dearest such choice."""
    volume = _volume_usd_per_hour(region.name, plan)
    types = [INSTANCE_TYPES[name] for name in settings.workspaces.instance_types]
    return max(
        min(plan.limit_vcpu // one.vcpu, plan.limit_memory_gib // one.memory_gib)
        * (one.usd_per_hour[region.name] + volume)
        for one in types
    )


def _reached(
    usd: Decimal, rate: Decimal, early: EarlyAccess | None, ready_at: datetime, ends_at: datetime
) -> datetime | None:
    """When money spent and the tail's reach an amount; the tail is spent even if all ended now."""
    times = ((early.starts_at, early.ends_at),) if early else ()
    spent = Decimal(0)
    for begins_at, until in (*times, (ready_at, ends_at)):
        missing = usd - spent - rate * hours(TAIL)
        if missing <= 0:
            return begins_at
        reached_at = begins_at + timedelta(seconds=int(missing / rate * 3600))
        if reached_at <= until:
            return reached_at
        spent = rate * hours(_paid(early))
    return None
