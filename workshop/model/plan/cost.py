"""What the workspace nodes and their volumes cost, in USD."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Final

from workshop.model.findings import Finding, Refused
from workshop.model.instances import GP3_USD_PER_GIB_MONTH, INSTANCE_TYPES
from workshop.model.settings.window import Window

HOURS_PER_MONTH: Final = 730
"""By which AWS turns a monthly price into an hourly one."""

NOT_INCLUDED: Final = (
    "the platform's own nodes (server, proxies, provisioners, LiteLLM)",
    "operating system volumes",
    "load balancers and traffic between regions and to the internet",
    "image storage and replication (ECR)",
    "EKS control planes, databases and logs",
    "model usage through LiteLLM",
)


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What nodes and volumes cost, USD. usd_per_hour: what is declared now, and nothing outside the window.

    hours: the window's, preparation and cool-down included, or None. usd_per_workshop: all of them with the users
    that are expected, whatever the phase; None without a window: a length must be known to multiply with.
    not_included names what is left out.
    """

    usd_per_hour: Decimal
    hours: Decimal | None
    usd_per_workshop: Decimal | None
    not_included: tuple[str, ...]


def node_usd_per_hour(region: str, instance_types: Sequence[str], volume_gib: int) -> Decimal:
    """One node of the dearest type with its volume. Raises Refused where the region has no price."""
    prices = [INSTANCE_TYPES[name].usd_per_hour.get(region) for name in instance_types]
    known = [price for price in prices if price is not None]
    if region not in GP3_USD_PER_GIB_MONTH or len(known) < len(prices):
        raise Refused((_no_price(region, instance_types),))
    return max(known) + GP3_USD_PER_GIB_MONTH[region] * volume_gib / HOURS_PER_MONTH


def nodes_usd_per_hour(region: str, instance_types: Iterable[str], volume_gib: int) -> Decimal:
    """These nodes, each of its type. Those of one type are multiplied, as in the plan: a sum of so many rounded prices
    could be a hair above it. Raises Refused where the region has no price.
    """
    counts = Counter(instance_types)
    return sum((count * node_usd_per_hour(region, (kind,), volume_gib) for kind, count in counts.items()), Decimal(0))


def total(usd_per_hour: Decimal, usd_per_hour_in_window: Decimal, window: Window | None) -> Cost:
    """The cost of one hour now, and of the window from its opening to the end of cool-down."""
    length = None if window is None else hours(window.closes_at - window.opens_at)
    return Cost(
        usd_per_hour=usd_per_hour,
        hours=length,
        usd_per_workshop=None if length is None else usd_per_hour_in_window * length,
        not_included=NOT_INCLUDED,
    )


def hours(time: timedelta) -> Decimal:
    """A duration in hours."""
    return Decimal(int(time.total_seconds())) / 3600


def _no_price(region: str, instance_types: Sequence[str]) -> Finding:
    return Finding(
        rule="price-known",
        resource=f"region {region}",
        problem=f"no known price for {', '.join(instance_types)} and gp3",
        why="the cost of the workshop would be unknown",
        fix=f"add {region}'s prices, with source and date, to workshop/model/data/instances.json",
    )
