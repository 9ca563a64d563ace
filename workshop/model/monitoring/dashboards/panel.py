"""A dashboard and its panels, whoever draws them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Unit = Literal["short", "percent", "s", "gib", "currencyUSD", "dtdurations"]
"""As Grafana names units; gib is `GiB` behind a number, dtdurations a duration in seconds."""


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One chart. queries: legend in Prometheus' terms ({{region}}) -> PromQL. limit: a line that should not be crossed.

    meaning: one sentence on what to see in it.
    """

    title: str
    meaning: str
    queries: Mapping[str, str]
    unit: Unit = "short"
    limit: float | None = None


@dataclass(frozen=True, kw_only=True)
class Dashboard:
    """uid: stable, as links have it. hours: that it shows at first. rows: panels by heading."""

    uid: str
    title: str
    hours: int
    rows: Mapping[str, tuple[Panel, ...]]

    @property
    def panels(self) -> tuple[Panel, ...]:
        """All of them."""
        return tuple(panel for panels in self.rows.values() for panel in panels)
