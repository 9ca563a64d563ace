"""Workspaces: how many, how fast they start, how many fail or die."""

from __future__ import annotations

from typing import Final

from workshop.model.monitoring.rule import Alert, minutes
from workshop.model.monitoring.series import builds, died_pods, nodes_of, pods_by_region, running_workspaces
from workshop.model.names import NODE_POOL
from workshop.model.settings.stack import Settings

FAILURES_PERCENT: Final = 2
"""Builds that may fail, and workspaces that may die (retrospective template: failure rate under 2 %)."""

_LARGE_IMAGES: Final = 'image_size_in_bytes=~"[0-9]+GB-.*|GT.*"'
"""Of 1 GB and more, as the kubelet groups them: workspaces', not those of small helpers."""


def workspace_alerts(settings: Settings) -> tuple[Alert, ...]:
    """What people notice."""
    pull_seconds = settings.arrival.image_gib * 1024 / settings.arrival.pull_mib_per_second
    pulled = f"kubelet_image_pull_duration_seconds_{{kind}}{{{{{_LARGE_IMAGES}}}}}"
    on_ours = f"and on (region, node) {nodes_of((NODE_POOL,))}"
    took, count = (f"sum by (region) ({pulled.format(kind=kind)} {on_ours})" for kind in ("sum", "count"))
    return (
        Alert(
            name="WorkshopWorkspacesAbovePlan",
            expr=f"{running_workspaces()} > {settings.users}",
            lasts=minutes(5),
            severity="warning",
            summary=f'{{{{ $value | printf "%.0f" }}}} workspaces run; the plan has room for {settings.users}.',
        ),
        Alert(
            name="WorkshopBuildsFailing",
            expr=f"""
                100 * {builds("30m", "failed")} / {builds("30m")} > {FAILURES_PERCENT}
                and {builds("30m", "failed")} >= 2
            """,
            lasts=minutes(0),
            severity="critical",
            summary=f'{{{{ $value | printf "%.1f" }}}} % of the builds of the last 30 minutes failed '
            f"(at most {FAILURES_PERCENT} % should).",
        ),
        Alert(
            name="WorkshopWorkspacesDying",
            expr=f"100 * {died_pods(settings, '15m')} / sum({pods_by_region(settings)}) > {FAILURES_PERCENT}",
            lasts=minutes(0),
            severity="critical",
            summary='{{ $value | printf "%.0f" }} % of the workspaces were evicted or '
            "restarted in the last 15 minutes; what was in their homes may be gone.",
        ),
        Alert(
            name="WorkshopStartsSlow",
            expr=f"max by (region) (workshop_workspace_start_seconds) > {settings.arrival.start_target_seconds}",
            lasts=minutes(2),
            severity="warning",
            summary='Workspaces in {{ $labels.region }} take {{ $value | printf "%.0f" }} s to start; '
            f"{settings.arrival.start_target_seconds} s are promised.",
        ),
        Alert(
            name="WorkshopImagePullsSlow",
            expr=f"{took} / {count} > {2 * pull_seconds:.0f}",
            lasts=minutes(2),
            severity="warning",
            summary='Nodes in {{ $labels.region }} take {{ $value | printf "%.0f" }} s for an image of workspaces; '
            f"{pull_seconds:.0f} s are planned.",
        ),
    )
