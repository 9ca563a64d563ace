"""What was planned, against what there is."""

from __future__ import annotations

from workshop.model.instances import INSTANCE_TYPES
from workshop.model.monitoring.rule import Alert, minutes
from workshop.model.monitoring.series import WINDOW_OPEN, nodes_of, pods_of_workspaces
from workshop.model.names import NODE_POOL
from workshop.model.settings.stack import Settings


def plan_alerts(settings: Settings) -> tuple[Alert, ...]:
    """Room, pools, licence."""
    pool = f'nodepool="{NODE_POOL}", resource_type="cpu"'
    largest = max(INSTANCE_TYPES[name].vcpu for name in settings.workspaces.instance_types)
    previous = settings.workspaces.previous_node_pool
    pods = f'kube_pod_info{{{pods_of_workspaces(settings)}, created_by_kind!="DaemonSet"}}'
    return (
        Alert(
            name="WorkshopPoolNearLimit",
            expr=f"""
                max by (region) (karpenter_nodepools_limit{{{pool}}}) > 0
                and max by (region) (karpenter_nodepools_limit{{{pool}}})
                - max by (region) (karpenter_nodepools_usage{{{pool}}}) < {largest}
            """,
            lasts=minutes(5),
            severity="warning",
            summary=f"Pool {NODE_POOL} in {{{{ $labels.region }}}} can't start another node: "
            'its limit is {{ $value | printf "%.0f" }} vCPU.',
        ),
        Alert(
            name="WorkshopOldPoolInUse",
            expr=f"count by (region) ({pods} and on (region, node) {nodes_of((previous,))}) and {WINDOW_OPEN}",
            lasts=minutes(2),
            severity="critical",
            summary=f'{{{{ $value | printf "%.0f" }}}} workspaces in {{{{ $labels.region }}}} run on nodes of '
            f"{previous}, whose storage broke a workshop.",
        ),
        Alert(
            name="WorkshopWarmNodesMissing",
            expr="max by (region) (workshop_warm_nodes_planned) - max by (region) (workshop_warm_nodes) > 0",
            lasts=minutes(15),
            severity="warning",
            summary='{{ $value | printf "%.0f" }} planned nodes in {{ $labels.region }} are not ready: '
            "the first people will wait for them.",
        ),
        Alert(
            name="WorkshopPlacesShort",
            expr="max by (region) (workshop_people_to_come) - max by (region) (workshop_places_left) > 0",
            lasts=minutes(5),
            severity="critical",
            summary='{{ $value | printf "%.0f" }} people who are still to come have no place in {{ $labels.region }}.',
        ),
        Alert(
            name="WorkshopOtherPoolsMayDisturb",
            expr=f'max by (region) (workshop_check_verdict{{check="other-pools"}}) == 2 and {WINDOW_OPEN}',
            lasts=minutes(5),
            severity="warning",
            summary="Another node pool in {{ $labels.region }} takes workspaces, or may replace its nodes.",
        ),
        Alert(
            name="WorkshopLicenceEnds",
            expr="(max(workshop_licence_ends_timestamp_seconds) - time()) / 86400 < 30",
            lasts=minutes(0),
            severity="warning",
            summary='Coder\'s licence ends in {{ $value | printf "%.0f" }} days: organizations, proxies and '
            "provisioners need it.",
        ),
    )
