"""What an event has cost and will cost: the runs of its nodes, at list prices, by the second.

EC2 bills Linux and gp3 volumes by the second, 60 at least (AWS, EC2 and EBS pricing). A node counts as running until it
is seen to have ended; where nobody could look for three minutes, nodes are taken to be at their limits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from workshop.model.instances import GP3_USD_PER_GIB_MONTH, INSTANCE_TYPES
from workshop.model.plan.cost import HOURS_PER_MONTH, hours
from workshop.model.plan.event import TAIL, THRESHOLDS_PERCENT, EventPlan
from workshop.model.settings.event import Event

LEAST_BILLED: Final = timedelta(seconds=60)
STALE_AFTER: Final = timedelta(minutes=3)
"""Older figures are not trusted: the rate is then that of the pools' limits."""


@dataclass(frozen=True, kw_only=True)
class NodeRun:
    """One EC2 instance from its launch on. ended_at: when it was first seen to be no longer running, or None."""

    instance: str
    region: str
    instance_type: str
    launched_at: datetime
    ended_at: datetime | None

    def usd(self, now: datetime, usd_per_hour: Decimal) -> Decimal:
        """What it has cost by now."""
        return usd_per_hour * hours(max((self.ended_at or now) - self.launched_at, LEAST_BILLED))


@dataclass(frozen=True, kw_only=True)
class Bill:
    """An event's money at one moment, USD; what is set aside for models is in committed and projected.

    spent: by region, for nodes and volumes. running: nodes, by region. usd_per_hour: what they cost now.
    committed: what is due even if all ended now. projected: if what runs now runs until the planned end.
    as_of: when the region that answered longest ago was last looked at; None: one never was. unpriced: instance types
    without a known price, counted as the dearest that has one.
    """

    now: datetime
    as_of: datetime | None
    spent: Mapping[str, Decimal]
    running: Mapping[str, int]
    usd_per_hour: Decimal
    committed: Decimal
    projected: Decimal
    unpriced: frozenset[str]

    @property
    def is_stale(self) -> bool:
        """Whether some region has not been seen for so long that its nodes are taken to be at their limits."""
        return self.as_of is None or self.now - self.as_of > STALE_AFTER


def bill(
    event: Event, plan: EventPlan, runs: Iterable[NodeRun], looks: Mapping[str, datetime | None], now: datetime
) -> Bill:
    """The bill at this moment. looks: by region of the stack, when its nodes were last seen; None: never."""
    known = [run for run in runs if run.launched_at <= now]
    spent, running, rate = dict.fromkeys(looks, Decimal(0)), dict.fromkeys(looks, 0), Decimal(0)
    for run in known:
        run_rate = usd_per_hour(run, plan.volume_gib)
        spent[run.region] = spent.get(run.region, Decimal(0)) + run.usd(now, run_rate)
        if run.ended_at is None:
            running[run.region] = running.get(run.region, 0) + 1
            rate += run_rate
    for region, seen_at in looks.items():
        blind_since = (plan.early_at or plan.warm_at) if seen_at is None else seen_at
        if now - blind_since > STALE_AFTER:
            at_limits = plan.usd_per_hour_at_limits[region]
            counted = sum((usd_per_hour(run, plan.volume_gib) for run in known if _runs_in(run, region)), Decimal(0))
            more = max(at_limits - counted, Decimal(0))
            spent[region] += more * hours(now - blind_since)
            rate += more
    due = sum(spent.values(), Decimal(event.ai_usd))
    return Bill(
        now=now,
        as_of=None if None in looks.values() else min((at for at in looks.values() if at), default=None),
        spent=spent,
        running=running,
        usd_per_hour=rate,
        committed=due + rate * hours(TAIL),
        projected=due + rate * hours(max(plan.gone_by(now) - now, TAIL)),
        unpriced=frozenset(run.instance_type for run in known if not _is_priced(run)),
    )


def reached(event: Event, usd: Decimal) -> tuple[int, ...]:
    """Thresholds of the budget, in percent, that an amount has reached."""
    return tuple(percent for percent in THRESHOLDS_PERCENT if usd * 100 >= event.budget_usd * percent)


def _runs_in(run: NodeRun, region: str) -> bool:
    return run.region == region and run.ended_at is None


def _is_priced(run: NodeRun) -> bool:
    known = INSTANCE_TYPES.get(run.instance_type)
    return known is not None and run.region in known.usd_per_hour


def machine_usd_per_hour(run: NodeRun) -> Decimal:
    """The node without its volume; of a type whose price is not known, the dearest that there is."""
    prices = {name: one.usd_per_hour.get(run.region) for name, one in INSTANCE_TYPES.items()}
    price = prices.get(run.instance_type)
    dearest = max((one for one in prices.values() if one is not None), default=Decimal(0))
    return dearest if price is None else price


def volume_usd_per_hour(run: NodeRun, volume_gib: int) -> Decimal:
    """The node's volume."""
    volume = GP3_USD_PER_GIB_MONTH.get(run.region, max(GP3_USD_PER_GIB_MONTH.values()))
    return volume * volume_gib / HOURS_PER_MONTH


def usd_per_hour(run: NodeRun, volume_gib: int) -> Decimal:
    """What a node costs with its volume."""
    return machine_usd_per_hour(run) + volume_usd_per_hour(run, volume_gib)
