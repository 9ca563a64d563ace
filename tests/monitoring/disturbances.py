"""What goes wrong, for each alert: which series change, in a workshop that stands still otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from tests.model.given import settings
from tests.monitoring.healthy import Healthy
from tests.monitoring.samples import MIRROR, Samples, series
from workshop.model.monitoring.series import GIB
from workshop.model.plan.plan import plan_of_event

WINDOW: Final = {"start": "2026-10-02T11:00-07:00", "duration": "4h"}
SETTINGS: Final = settings(users="20", window=WINDOW, mirror={"schedule": "17 */6 * * *"})
PLAN: Final = plan_of_event(SETTINGS)
DAY = 86_400.0
OHIO = {"region": "us-east-2"}
LONDON = {"region": "eu-west-2"}
NODE = {**OHIO, "node": "us-east-2-n0"}
DISK = series("node_filesystem_avail_bytes", **NODE, mountpoint="/local")
KEY = {"alias": "workshop"}
POOL = {**OHIO, "nodepool": "workshop-workspaces", "resource_type": "cpu"}
PROVISIONERS = {"organization": "coder", **OHIO}

Change = Callable[[Samples, float], Mapping[str, float | None]]
"""Of what is exposed, and seconds since it went wrong: series that change; None: it is not exposed."""


def all_of(samples: Samples, name: str, value: float | None) -> Mapping[str, float | None]:
    return {one: value for one in samples if one.startswith(name)}


def verdict(check: str, value: float, **labels: str) -> Change:
    return lambda samples, since: {series("workshop_check_verdict", check=check, **labels): value}


def used_percent(percent: float) -> Change:
    volume = PLAN.regions["us-east-2"].nodes.volume_gib
    used = percent / 100 * (volume * 0.9 - 1)
    return lambda samples, since: {DISK: (volume - used) * GIB}


def fills(samples: Samples, since: float) -> Mapping[str, float | None]:
    """From half full on, 3 GiB a minute."""
    volume = PLAN.regions["us-east-2"].nodes.volume_gib
    return {DISK: (volume - volume * 0.45 - 3 * since / 60) * GIB}


def failed_builds(samples: Samples, since: float) -> Mapping[str, float | None]:
    name = "coderd_workspace_builds_total"
    return {series(name, status="failed", workspace_transition="start", owner=f"x{index}"): 1 for index in range(4)}


def evicted(samples: Samples, since: float) -> Mapping[str, float | None]:
    pods = [one for one in samples if one.startswith("kube_pod_status_phase") and 'region="us-east-2"' in one]
    return {one: float('phase="Failed"' in one) for one in sorted(pods)[:4]}


def slow_pulls(samples: Samples, since: float) -> Mapping[str, float | None]:
    return {one: 400.0 for one in samples if one.startswith("kubelet_image_pull_duration_seconds_sum{")}


def key_ends(days: float, issued: float = 30 * DAY) -> Change:
    def change(samples: Samples, since: float) -> Mapping[str, float | None]:
        expiry = samples["workshop_window_start_timestamp_seconds"] + days * DAY
        return {
            series("workshop_litellm_key_expiry_timestamp_seconds", **KEY): expiry,
            series("workshop_litellm_key_created_timestamp_seconds", **KEY): expiry - issued,
        }

    return change


def ends(name: str, days: float) -> Change:
    return lambda samples, since: {name: samples["workshop_window_start_timestamp_seconds"] + days * DAY}


def registry_lacks(samples: Samples, since: float) -> Mapping[str, float | None]:
    at = {"check": "image-digests", **LONDON}
    began = samples["workshop_window_start_timestamp_seconds"] + 600  # as `wrong` has it
    return {series("workshop_check_verdict", **at): 2, series("workshop_check_since_timestamp_seconds", **at): began}


def on_old_pool(samples: Samples, since: float) -> Mapping[str, float | None]:
    new = 'nodepool="workshop-workspaces"'
    mine = [one for one in samples if one.startswith("karpenter_nodes_allocatable") and "us-east-2-n0" in one]
    return dict.fromkeys(mine) | {one.replace(new, 'nodepool="coder-ws-all"'): 16.0 for one in mine}


def silent(samples: Samples, since: float) -> Mapping[str, float | None]:
    seen = samples["workshop_window_start_timestamp_seconds"] + 600
    return {series("workshop_look_timestamp_seconds", look="coder"): seen}


def mirrored(hours: float) -> Change:
    """So long ago, and no more since."""

    def change(samples: Samples, since: float) -> Mapping[str, float | None]:
        wrong_at = samples["workshop_window_start_timestamp_seconds"] + 600
        return {series("kube_cronjob_status_last_successful_time", **OHIO, **MIRROR): wrong_at - hours * 3600}

    return change


def rotation(suspended: float, window_open: float) -> Change:
    return lambda samples, since: {
        **all_of(samples, "kube_cronjob_spec_suspend", suspended),
        "workshop_window_open": window_open,
    }


WRONG: Mapping[str, Change] = {
    "WorkshopStorageBelowPlan": lambda samples, since: {
        series("kube_node_status_allocatable", **NODE, resource="ephemeral_storage"): 44 * GIB
    },
    "WorkshopNodeStorage70": used_percent(71),
    "WorkshopNodeStorage85": used_percent(86),
    "WorkshopNodeStorage95": used_percent(96),
    "WorkshopNodeStorageFillsSoon": fills,
    "WorkshopWorkspacesAbovePlan": lambda samples, since: {
        series(
            "coderd_workspace_latest_build_status",
            status="succeeded",
            workspace_transition="start",
            workspace_owner="one-too-many",
            template_name="docker",
            template_version=f"v{index}",
        ): 1
        for index in range(2, 8)
    },
    "WorkshopBuildsFailing": failed_builds,
    "WorkshopWorkspacesDying": evicted,
    "WorkshopStartsSlow": lambda samples, since: {series("workshop_workspace_start_seconds", **OHIO): 150},
    "WorkshopImagePullsSlow": slow_pulls,
    "WorkshopBuildsWaiting": lambda samples, since: {
        series("workshop_provisioner_oldest_pending_seconds", **PROVISIONERS): 90
    },
    "WorkshopProvisionersBusy": lambda samples, since: {
        series("workshop_provisioners", **PROVISIONERS, status="busy"): 12,
        series("workshop_provisioners", **PROVISIONERS, status="idle"): 0,
    },
    "WorkshopProvisionersMissing": lambda samples, since: {
        series("workshop_provisioners", **PROVISIONERS, status="busy"): None,
        series("workshop_provisioners", **PROVISIONERS, status="idle"): None,
    },
    "WorkshopKeyEndsInDays7": key_ends(5),
    "WorkshopKeyEndsInDays3": key_ends(2),
    "WorkshopKeyEndsInDays1": key_ends(0.5),
    "WorkshopKeyEndsInWindow": key_ends(0.1, issued=DAY / 3),
    "WorkshopKeyRefused": verdict("litellm-key", 2),
    "WorkshopKeyNearBudget": lambda samples, since: {series("workshop_litellm_key_spend_usd", **KEY): 81},
    "WorkshopModelsDown": verdict("litellm-ready", 3),
    "WorkshopModelPodsMissing": lambda samples, since: all_of(samples, "kube_deployment_status_replicas_available", 1),
    "WorkshopRotationRuns": rotation(0, 1),
    "WorkshopRotationHeld": rotation(1, 0),
    "WorkshopSubdomainsFail": verdict("subdomain-apps", 2, **LONDON),
    "WorkshopProxyUnhealthy": lambda samples, since: {
        series("coderd_proxyhealth_health_check_results", proxy_id="eu-west-2"): -2
    },
    "WorkshopNamesUnresolved": verdict("hosts-resolve", 3, **LONDON),
    "WorkshopImagesDiffer": verdict("running-digests", 2, **LONDON),
    "WorkshopRegistryLags": registry_lacks,
    "WorkshopMirrorOverdue": mirrored(7.01),
    "WorkshopPoolNearLimit": lambda samples, since: {
        series("karpenter_nodepools_usage", **POOL): PLAN.regions["us-east-2"].nodes.limit_vcpu - 8
    },
    "WorkshopOldPoolInUse": on_old_pool,
    "WorkshopWarmNodesMissing": lambda samples, since: {series("workshop_warm_nodes", **OHIO): 2},
    "WorkshopPlacesShort": lambda samples, since: {series("workshop_people_to_come", **OHIO): 50},
    "WorkshopOtherPoolsMayDisturb": verdict("other-pools", 2, **LONDON),
    "WorkshopLicenceEnds": ends("workshop_licence_ends_timestamp_seconds", 12),
    "WorkshopExporterDown": lambda samples, since: {one: None for one in samples if one.startswith("workshop_")},
    "WorkshopUpstreamSilent": silent,
    "WorkshopMetricsMissing": lambda samples, since: all_of(samples, "karpenter_nodepools", None),
    "WorkshopCheckFails": verdict("no-backlog", 2),
    "WorkshopTokenEnds": ends("workshop_coder_token_expiry_timestamp_seconds", 2),
}
GO_AWAY = ("WorkshopProvisionersMissing", "WorkshopExporterDown", "WorkshopMetricsMissing")
LASTS = 75
"""Minutes for which it is wrong; two before and an hour after, of a workshop that stands still after 30 minutes."""


def disturbed(change: Change) -> Callable[[float], Samples]:
    healthy = Healthy(SETTINGS, PLAN, 0, 0)
    still = healthy.at(1800)

    def at(seconds: float) -> Samples:
        samples = {**still}
        for one in still:
            if one.startswith("workshop_look_timestamp"):
                samples[one] = seconds
        since = seconds - 600
        if 0 <= since < LASTS * 60:
            for one, value in change(samples, since).items():
                if value is None:
                    samples.pop(one)
                else:
                    samples[one] = value
        return samples

    return at
