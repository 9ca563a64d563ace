"""Every dashboard of a stack."""

from __future__ import annotations

from workshop.model.monitoring.dashboards.capacity import capacity_dashboard
from workshop.model.monitoring.dashboards.day import day_dashboard
from workshop.model.monitoring.dashboards.months import months_dashboard
from workshop.model.monitoring.dashboards.panel import Dashboard
from workshop.model.settings.stack import Settings


def dashboards(settings: Settings) -> tuple[Dashboard, ...]:
    """The day, capacity, and month over month."""
    return day_dashboard(settings), capacity_dashboard(settings), months_dashboard(settings)
