"""Capacity: the plan against what there is."""

from __future__ import annotations

from workshop.model.monitoring.dashboards.panel import Dashboard, Panel
from workshop.model.monitoring.series import GIB, nodes_of, pods_by_region, workspace_nodes
from workshop.model.names import NODE_POOL
from workshop.model.settings.stack import Settings


def capacity_dashboard(settings: Settings) -> Dashboard:
    """Of one stack."""
    pool = f'nodepool="{NODE_POOL}", resource_type="cpu"'
    offered = 'max by (region, node) (kube_node_status_allocatable{resource="ephemeral_storage"})'
    deployment = settings.litellm.deployment
    litellm = f'namespace="{settings.litellm.namespace}", deployment="{deployment}"'
    return Dashboard(
        uid="workshop-capacity",
        title="Workshop: capacity",
        hours=24,
        rows={
            "Room": (
                Panel(
                    title="Storage that a node offers to pods",
                    meaning="Of each node that may run workspaces; the least planned is shown beside them.",
                    queries={
                        "{{node}}": f"{offered} / {GIB} and on (region, node) {workspace_nodes(settings)}",
                        "planned": "min(workshop_storage_planned_gib)",
                    },
                    unit="gib",
                ),
                Panel(
                    title="Places and people",
                    meaning="Places that are left should stay above people still to come.",
                    queries={
                        "places left, {{region}}": "max by (region) (workshop_places_left)",
                        "to come, {{region}}": "max by (region) (workshop_people_to_come)",
                    },
                ),
                Panel(
                    title="The pool against its limit",
                    meaning="vCPU; the limit is one node more than planned.",
                    queries={
                        "used, {{region}}": f"max by (region) (karpenter_nodepools_usage{{{pool}}})",
                        "limit, {{region}}": f"max by (region) (karpenter_nodepools_limit{{{pool}}})",
                    },
                ),
            ),
            "Against the plan": (
                Panel(
                    title="Nodes ready",
                    meaning="From warm time on as many as planned.",
                    queries={
                        "ready, {{region}}": "max by (region) (workshop_warm_nodes)",
                        "planned, {{region}}": "max by (region) (workshop_nodes_planned)",
                        "of any age, {{region}}": f"count by (region) ({nodes_of((NODE_POOL,))})",
                    },
                ),
                Panel(
                    title="Provisioners connected",
                    meaning="Idle and busy ones, and as many as planned.",
                    queries={
                        "{{organization}}, {{region}}": "sum by (organization, region) "
                        '(workshop_provisioners{status=~"idle|busy"})',
                        "planned {{organization}}, {{region}}": "max by (organization, region) "
                        "(workshop_provisioners_planned)",
                    },
                ),
                Panel(
                    title="Users and workspaces by region",
                    meaning="Workspaces should not exceed the users planned there.",
                    queries={
                        "workspaces, {{region}}": pods_by_region(settings),
                        "planned, {{region}}": "max by (region) (workshop_users_planned)",
                    },
                ),
                Panel(
                    title="LiteLLM's pods",
                    meaning="Ready ones.",
                    queries={"Ready": f"sum(kube_deployment_status_replicas_available{{{litellm}}})"},
                ),
                Panel(
                    title="Pulls of large images",
                    meaning="Mean seconds since each node started.",
                    queries={
                        "{{region}}": "sum by (region) (kubelet_image_pull_duration_seconds_sum) "
                        "/ sum by (region) (kubelet_image_pull_duration_seconds_count)"
                    },
                    unit="s",
                ),
                Panel(
                    title="What the exporter sees",
                    meaning="1: it answered the last look.",
                    queries={"{{look}}": "min by (look) (workshop_look_success)"},
                ),
            ),
        },
    )
