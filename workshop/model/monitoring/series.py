"""Pieces of PromQL that several alerts and panels share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from workshop.model.names import NODE_POOL
from workshop.model.plan.storage import EVICTION_PERCENT, KUBE_RESERVED_GIB
from workshop.model.plan.workloads import PROVISIONER
from workshop.model.settings.stack import Settings

MOUNTS: Final = {"Bottlerocket": "/local", "AL2023": "/"}
"""Where each AMI family mounts the volume that the kubelet uses, as node-exporter names it. Bottlerocket keeps its data
partition at /local and binds /var from there (bottlerocket-os, README, Default Volumes); not seen on a live node."""

GIB: Final = 2**30

WINDOW_OPEN: Final = "on () (max(workshop_window_open) == 1)"
"""After `and`: only while nothing may be disturbed."""

WINDOW_CLOSED: Final = "on () (max(workshop_window_open) == 0)"


def pods_of_workspaces(settings: Settings) -> str:
    """Label matchers of workspaces' pods: all in their namespaces but provisioners and what streams their logs."""
    namespaces = "|".join(organization.namespace for organization in settings.organizations)
    return f'namespace=~"{namespaces}", pod!~"{PROVISIONER}-.*|coder-logstream-.*"'


def nodes_of(pools: Iterable[str]) -> str:
    """One series a node of these pools, by region and node; its value is its allocatable CPU."""
    chosen = "|".join(pools)
    labelled = (
        f'label_replace(karpenter_nodes_allocatable{{nodepool=~"{chosen}", resource_type="cpu"}}, '
        f'"node", "$1", "node_name", "(.+)")'
    )
    return f"max by (region, node) ({labelled})"


def workspace_nodes(settings: Settings) -> str:
    """Nodes on which workspaces may be: of our pool, and of the previous one."""
    return nodes_of((NODE_POOL, settings.workspaces.previous_node_pool))


def storage_bytes(settings: Settings, kind: str) -> str:
    """size or avail of the volume that the kubelet uses, by region and node."""
    return f"max by (region, node) ({_storage(settings, kind)})"


def storage_bytes_in(settings: Settings, seconds: str, since: str) -> str:
    """What will be free of it in so many seconds, if it goes on as since then."""
    return f"max by (region, node) (predict_linear({_storage(settings, 'avail')}[{since}], {seconds}))"


def _storage(settings: Settings, kind: str) -> str:
    return f'node_filesystem_{kind}_bytes{{mountpoint="{MOUNTS[settings.workspaces.ami_family]}"}}'


def storage_used_percent(settings: Settings) -> str:
    """What is used of what the kubelet offers to pods, by region and node.

    Of the volume it offers 90 % less 1 GiB: at 10 % free it evicts pods, so that 95 % of the file system never comes.
    """
    size, free = storage_bytes(settings, "size"), storage_bytes(settings, "avail")
    share = (100 - EVICTION_PERCENT) / 100
    offered = f"({size} * {share:g} - {KUBE_RESERVED_GIB * GIB})"
    return f"(100 * ({size} - {free}) / {offered} and on (region, node) {workspace_nodes(settings)})"


def running_workspaces() -> str:
    """How many run. An owner's second workspace from the same template's version is not counted: Coder's labels."""
    chosen = 'coderd_workspace_latest_build_status{status="succeeded", workspace_transition="start"}'
    return f"sum(max by (workspace_owner, template_name, template_version) ({chosen}))"


def builds(since: str, status: str = "") -> str:
    """Builds that ended within this time, such as 30m. A new series begins at 1, which increase() leaves out."""
    chosen = f'coderd_workspace_builds_total{{status=~"{status or ".+"}"}}'
    return f"clamp_min((sum({chosen}) or vector(0)) - (sum({chosen} offset {since}) or vector(0)), 0)"


def died_pods(settings: Settings, since: str) -> str:
    """How many workspaces' pods were evicted, or their containers restarted, within this time."""
    pods = pods_of_workspaces(settings)
    failed = f'kube_pod_status_phase{{{pods}, phase="Failed"}}'
    restarts = f"kube_pod_container_status_restarts_total{{{pods}}}"
    return (
        f"((count(({failed} == 1) unless ({failed} offset {since} == 1)) or vector(0))"
        f" + (sum(round(increase({restarts}[{since}]))) or vector(0)))"
    )


def pods_by_region(settings: Settings) -> str:
    """Pods of workspaces that run, by region."""
    return f'sum by (region) (kube_pod_status_phase{{{pods_of_workspaces(settings)}, phase="Running"}})'
