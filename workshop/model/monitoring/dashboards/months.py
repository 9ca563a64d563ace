"""Month over month: the success metrics of guide and postmortem, one figure an event."""

from __future__ import annotations

from workshop.model.monitoring.alerts.workspaces import FAILURES_PERCENT
from workshop.model.monitoring.dashboards.panel import Dashboard, Panel
from workshop.model.monitoring.series import builds, died_pods, pods_by_region, running_workspaces, storage_used_percent
from workshop.model.settings.stack import Settings

_DAY = "1d"


def months_dashboard(settings: Settings) -> Dashboard:
    """The peak or the worst of each day, over a quarter."""

    def worst(expression: str) -> str:
        return f"max_over_time(({expression})[{_DAY}:5m])"

    return Dashboard(
        uid="workshop-months",
        title="Workshop: month over month",
        hours=24 * 92,
        rows={
            "Success metrics": (
                Panel(
                    title="Most workspaces at once",
                    meaning="Peak of each day.",
                    queries={"workspaces": worst(running_workspaces())},
                ),
                Panel(
                    title="Slowest starts",
                    meaning="Worst mean of a quarter of an hour; the target is 2 minutes.",
                    queries={"{{region}}": worst("max by (region) (workshop_workspace_start_seconds)")},
                    unit="s",
                    limit=settings.arrival.start_target_seconds,
                ),
                Panel(
                    title="Failure rate",
                    meaning="Worst half hour of each day; the target is under 2 %.",
                    queries={
                        "builds": worst(f"100 * {builds('30m', 'failed')} / ({builds('30m')} > 0)"),
                        "workspaces": worst(f"100 * {died_pods(settings, '30m')} / sum({pods_by_region(settings)})"),
                    },
                    unit="percent",
                    limit=FAILURES_PERCENT,
                ),
                Panel(
                    title="Storage, fullest node",
                    meaning="Of what pods may use; contention is above 85 %.",
                    queries={"{{region}}": worst(f"max by (region) ({storage_used_percent(settings)})")},
                    unit="percent",
                    limit=85,
                ),
                Panel(
                    title="Longest wait for a provisioner",
                    meaning="Of each day.",
                    queries={
                        "{{region}}": worst("max by (region) (workshop_provisioner_oldest_pending_seconds)"),
                    },
                    unit="s",
                    limit=settings.arrival.queue_target_seconds,
                ),
                Panel(
                    title="Routes and models",
                    meaning="Worst verdict of each day: 0 go, 1 warning, 2 no-go, 3 inconclusive.",
                    queries={
                        "{{check}}": worst(
                            "max by (check) (workshop_check_verdict"
                            '{check=~"subdomain-apps|litellm-ready|litellm-key|hosts-resolve"})'
                        )
                    },
                ),
            ),
        },
    )
