"""What Prometheus saw of an event, as one document that outlives its storage and the next month compares with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from workshop.model.monitoring.dashboards.panel import Unit
from workshop.model.monitoring.rule import written
from workshop.model.monitoring.series import (
    builds,
    died_pods,
    nodes_of,
    running_workspaces,
    storage_used_percent,
)
from workshop.model.names import NODE_POOL
from workshop.model.settings.stack import Settings

WITHIN: Final = timedelta(hours=48)
"""After the event (Monthly Workshop Guide, Post-Workshop)."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One figure. expr: an instant query at the event's end; label: by which it is divided, "" for one figure."""

    id: str
    meaning: str
    unit: Unit
    expr: str
    label: str = ""


class Figure(BaseModel):
    """values: by the label's value, such as a region; under "" where it is one figure. Empty: not measured."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    meaning: str
    unit: str
    values: Mapping[str, float]


class Baselines(BaseModel):
    """One event's figures, from its start to its end. alerts: how many series of each fired."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1] = 1
    stack: str
    event: str | None
    users_planned: int
    start: AwareDatetime
    end: AwareDatetime
    exported_at: AwareDatetime
    figures: tuple[Figure, ...]
    alerts: Mapping[str, int]


def questions(settings: Settings, lasted: timedelta) -> tuple[Asked, ...]:
    """What is asked of an event that lasted so long."""
    whole = written(lasted)

    def most(expression: str) -> str:
        return f"max_over_time(({expression})[{whole}:1m])"

    def share(check: str) -> str:
        verdict = f'max by (region) (workshop_check_verdict{{check="{check}"}})'
        return f"100 * avg_over_time(({verdict} < bool 2)[{whole}:1m])"

    nodes = f"count by (region) ({nodes_of((NODE_POOL,))})"
    cost = f"sum(sum_over_time(({nodes} * on (region) max by (region) (workshop_node_usd_per_hour))[{whole}:1m])) / 60"
    pulls = "kubelet_image_pull_duration_seconds"
    start = "max by (region) (workshop_workspace_start_seconds)"
    wait = "max by (region) (workshop_provisioner_oldest_pending_seconds)"
    failed = f"100 * {builds(whole, 'failed')} / ({builds(whole)} > 0)"
    return (
        Asked(id="peak-workspaces", meaning="most at once", unit="short", expr=most(running_workspaces())),
        Asked(id="builds", meaning="builds that ended", unit="short", expr=builds(whole)),
        Asked(id="builds-failed", meaning="of them failed", unit="percent", expr=failed),
        Asked(id="workspaces-died", meaning="evicted or restarted", unit="short", expr=died_pods(settings, whole)),
        Asked(
            id="start-seconds",
            meaning="from click to agent, mean over the event",
            unit="s",
            expr=f"avg_over_time(({start})[{whole}:1m])",
            label="region",
        ),
        Asked(id="start-seconds-worst", meaning="worst quarter of an hour", unit="s", expr=most(start), label="region"),
        Asked(id="queue-wait", meaning="longest for a provisioner", unit="s", expr=most(wait), label="region"),
        Asked(
            id="storage-peak",
            meaning="fullest node, of what pods may use",
            unit="percent",
            expr=most(f"max by (region) ({storage_used_percent(settings)})"),
            label="region",
        ),
        Asked(id="nodes-peak", meaning="nodes of the pool", unit="short", expr=most(nodes), label="region"),
        Asked(
            id="image-pull",
            meaning="mean of a pull",
            unit="s",
            expr=f"sum by (region) ({pulls}_sum) / sum by (region) ({pulls}_count)",
            label="region",
        ),
        Asked(
            id="subdomains",
            meaning="of the time served",
            unit="percent",
            expr=share("subdomain-apps"),
            label="region",
        ),
        Asked(id="models", meaning="of the time answered", unit="percent", expr=share("litellm-ready")),
        Asked(id="cost", meaning="nodes and volumes at list prices", unit="currencyUSD", expr=cost),
    )


def alerts_question(lasted: timedelta) -> str:
    """How many series of each alert fired."""
    fired = f'max_over_time(ALERTS{{alertstate="firing", source="ai-coder-workshop"}}[{written(lasted)}])'
    return f"count by (alertname) ({fired})"
