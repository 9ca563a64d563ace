"""Storage of workspace nodes, which broke the workshop of 30 September 2024."""

from __future__ import annotations

from workshop.model.monitoring.rule import Alert, Severity, minutes
from workshop.model.monitoring.series import (
    GIB,
    storage_bytes,
    storage_bytes_in,
    storage_used_percent,
    workspace_nodes,
)
from workshop.model.plan.plan import Plan
from workshop.model.plan.storage import EVICTION_PERCENT
from workshop.model.settings.stack import Settings

TOLERATED_PERCENT = 5
"""What a file system may keep of a volume for itself, as ext4 does; preflight's node-storage tolerates it as well."""

LEVELS: tuple[tuple[int, Severity], ...] = ((70, "warning"), (85, "critical"), (95, "critical"))
"""Percent of what the kubelet offers to pods (postmortem of September 2024)."""


def storage_alerts(settings: Settings, plan: Plan) -> tuple[Alert, ...]:
    """Below plan before anyone comes; filling while they work."""
    planned = min(float(region.nodes.allocatable_storage_gib) for region in plan.regions.values())
    used, size = storage_used_percent(settings), storage_bytes(settings, "size")
    offered = 'max by (region, node) (kube_node_status_allocatable{resource="ephemeral_storage"})'
    soon = storage_bytes_in(settings, "30 * 60", "5m")
    return (
        Alert(
            name="WorkshopStorageBelowPlan",
            expr=f"""
                {offered} / {GIB} < {planned * (100 - TOLERATED_PERCENT) / 100:.1f}
                and on (region, node) {workspace_nodes(settings)}
                unless on (region, node) (max by (region, node) (kube_node_spec_unschedulable) == 1)
            """,
            lasts=minutes(5),
            severity="critical",
            summary=f"Node {{{{ $labels.node }}}} ({{{{ $labels.region }}}}) offers "
            f'{{{{ $value | printf "%.0f" }}}} GiB to pods; {planned:.0f} GiB are planned.',
        ),
        *(
            Alert(
                name=f"WorkshopNodeStorage{level}",
                expr=f"{used} > {level}",
                lasts=minutes(0),
                severity=severity,
                summary=f"Node {{{{ $labels.node }}}} ({{{{ $labels.region }}}}) has used "
                f'{{{{ $value | printf "%.0f" }}}} % of the storage that pods may use (above {level} %).',
            )
            for level, severity in LEVELS
        ),
        Alert(
            name="WorkshopNodeStorageFillsSoon",
            expr=f"""
                {used} > {100 - settings.workspaces.headroom_percent}
                and on (region, node) {soon} < {EVICTION_PERCENT / 100:g} * {size}
            """,
            lasts=minutes(1),
            severity="critical",
            summary="Node {{ $labels.node }} ({{ $labels.region }}) is full within 30 minutes at the present rate; "
            '{{ $value | printf "%.0f" }} % of the storage that pods may use is used.',
        ),
    )
