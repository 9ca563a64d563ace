"""The day: what the workshop team looks at while people work."""

from __future__ import annotations

from workshop.model.monitoring.alerts.provisioners import BUSY_PERCENT
from workshop.model.monitoring.alerts.workspaces import FAILURES_PERCENT
from workshop.model.monitoring.dashboards.panel import Dashboard, Panel
from workshop.model.monitoring.series import (
    builds,
    died_pods,
    nodes_of,
    pods_by_region,
    running_workspaces,
    storage_used_percent,
)
from workshop.model.names import NODE_POOL
from workshop.model.settings.stack import Settings


def day_dashboard(settings: Settings) -> Dashboard:
    """Of one stack."""
    return Dashboard(
        uid="workshop-day",
        title="Workshop: the day",
        hours=3,
        rows={
            "People": (
                Panel(
                    title="Workspaces that run",
                    meaning="Should reach the number of people and stay.",
                    queries={"running": running_workspaces(), "by pods, {{region}}": pods_by_region(settings)},
                    limit=settings.users,
                ),
                Panel(
                    title="From click to agent",
                    meaning="Mean of the last 15 minutes; the line is what is promised.",
                    queries={"{{region}}": "max by (region) (workshop_workspace_start_seconds)"},
                    unit="s",
                    limit=settings.arrival.start_target_seconds,
                ),
                Panel(
                    title="Failed builds, dead workspaces",
                    meaning="Percent of the last 30 minutes; the line is the target.",
                    queries={
                        "builds that failed": f"100 * {builds('30m', 'failed')} / ({builds('30m')} > 0)",
                        "workspaces that died": f"100 * {died_pods(settings, '30m')} / sum({pods_by_region(settings)})",
                    },
                    unit="percent",
                    limit=FAILURES_PERCENT,
                ),
            ),
            "Nodes": (
                Panel(
                    title="Storage used, of what pods may use",
                    meaning="By node; at 100 % the kubelet evicts workspaces.",
                    queries={"{{node}}": storage_used_percent(settings)},
                    unit="percent",
                    limit=85,
                ),
                Panel(
                    title="Nodes of the workshop's pool",
                    meaning="Against the plan, which the line is.",
                    queries={
                        "{{region}}": f"count by (region) ({nodes_of((NODE_POOL,))})",
                        "planned, {{region}}": "max by (region) (workshop_nodes_planned)",
                    },
                ),
                Panel(
                    title="Cost so far, nodes at list prices",
                    meaning="Since the window on the screen began; the event's ledger is exact (workshop event money).",
                    queries={"USD": cost()},
                    unit="currencyUSD",
                ),
            ),
            "Builds": (
                Panel(
                    title="Queue",
                    meaning="Builds that wait and that run.",
                    queries={
                        "{{status}}, {{region}}": 'sum by (status, region) (workshop_provisioner_jobs{region!=""})',
                    },
                ),
                Panel(
                    title="The first in the queue has waited",
                    meaning="The line is what is promised.",
                    queries={
                        "{{organization}}, {{region}}": "max by (organization, region) "
                        "(workshop_provisioner_oldest_pending_seconds)"
                    },
                    unit="s",
                    limit=settings.arrival.queue_target_seconds,
                ),
                Panel(
                    title="Provisioners that are busy",
                    meaning="Above the line for long, somebody waits.",
                    queries={
                        "{{region}}": '100 * sum by (region) (workshop_provisioners{status="busy"}) '
                        '/ (sum by (region) (workshop_provisioners{status=~"idle|busy"}) > 0)'
                    },
                    unit="percent",
                    limit=BUSY_PERCENT,
                ),
            ),
            "Models and routes": (
                Panel(
                    title="Life of LiteLLM's key",
                    meaning="Until it ends; 0 is the end.",
                    queries={"{{alias}}": "max by (alias) (workshop_litellm_key_expiry_timestamp_seconds) - time()"},
                    unit="dtdurations",
                ),
                Panel(
                    title="Proxies",
                    meaning="1 healthy, 0 unregistered, below: unhealthy, unreachable, unknown.",
                    queries={"{{proxy_id}}": "min by (proxy_id) (coderd_proxyhealth_health_check_results)"},
                ),
                Panel(
                    title="Preflight's checks that are not go",
                    meaning="1 warning, 2 no-go, 3 inconclusive.",
                    queries={"{{check}}, {{region}}": "max by (check, region) (workshop_check_verdict) > 0"},
                ),
            ),
        },
    )


def cost() -> str:
    """What nodes have cost over the last 12 hours, by a sample a minute."""
    priced = f"count by (region) ({nodes_of((NODE_POOL,))}) * on (region) max by (region) (workshop_node_usd_per_hour)"
    return f"sum(sum_over_time(({priced})[12h:1m])) / 60"
