"""Nodes that are made ready before people come: how many, from when, and what that costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from workshop.model.plan.cost import hours
from workshop.model.plan.plan import plan_of_event
from workshop.model.settings.stack import Settings
from workshop.model.settings.window import Window

MAKING_READY: Final = timedelta(minutes=15)
"""Before seats are started: a minute for the node, two for images, and reserve."""

GIVEN_UP: Final = timedelta(minutes=15)
"""After the start: by then people have come, and what is not ready is started by their workspaces."""


@dataclass(frozen=True, kw_only=True)
class WarmPlan:
    """nodes: by region. ready_from: when they are started; given_up_at: when that ends, ready or not.

    usd: nodes and volumes from then until the window closes.
    """

    nodes: Mapping[str, int]
    ready_from: datetime
    given_up_at: datetime
    usd: Decimal


def plan_warm(settings: Settings) -> WarmPlan | None:
    """What is made ready; None without a window. Raises Refused where there is no plan at all."""
    window = settings.window
    if window is None:
        return None
    plan, begins = plan_of_event(settings), warm_at(settings, window)
    return WarmPlan(
        nodes={name: region.nodes.nodes for name, region in plan.regions.items() if region.nodes.nodes},
        ready_from=begins,
        given_up_at=window.start + GIVEN_UP,
        usd=plan.cost.usd_per_hour * hours(window.closes_at - begins),
    )


def warm_at(settings: Settings, window: Window) -> datetime:
    """When nodes are started: `warm_lead` before the start, or before an event's seats; within the window."""
    lead = settings.arrival.warm_lead
    if settings.event is not None:
        lead = max(lead, settings.event.provisioning + MAKING_READY)
    return max(window.start - lead, window.opens_at)
