"""queue-followed: KEDA scales provisioners, has fresh numbers to do it by, and room."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from workshop.checks.check import CheckOutcome, RegionCheck, failed, passed, warning
from workshop.checks.clients import asked_of_cluster
from workshop.checks.site import Site
from workshop.model.names import EXPORTER, QUEUE_SCALER
from workshop.model.plan.scaling import Scaling, plan_scaling
from workshop.model.plan.workloads import Deployment, region_workloads
from workshop.model.preflight.record import Stage
from workshop.model.settings.commands import set_command
from workshop.model.settings.regions import Region
from workshop.observe.live_cluster import LiveCluster
from workshop.observe.look_up import NotFound

_EXPECTED = {"Ready": "True", "Fallback": "False", "Paused": "False"}
"""Conditions of a ScaledObject that scales; one that KEDA does not report, as Paused before 2.18, is none."""


class QueueFollowed(RegionCheck):
    """The ScaledObject's conditions, the age of the exporter's number, and what quotas leave up to the ceiling."""

    id = "queue-followed"
    stage = Stage.BEFORE_EVENT
    asks = "a cluster"
    needed = "KEDA scales provisioners by a number of the last minute, and has room"

    def concerns(self, region: Region) -> bool:
        """Where provisioners run."""
        return region.hosts_provisioners

    def look(self, site: Site, region: Region) -> CheckOutcome:
        """One region's provisioners of the default organization, where they are to follow the queue."""
        scaling = plan_scaling(site.settings, site.plan).get(region.name)
        if scaling is None:
            return passed("the number of provisioners is fixed", "nothing")
        deployment = region_workloads(site.settings, region).provisioners[site.settings.default_organization.name]
        try:
            wrong = asked_of_cluster(site, region, lambda cluster: [*_wrong(cluster, deployment, scaling)])
        except NotFound:
            return failed(
                f"no ScaledObject {QUEUE_SCALER} in {deployment.namespace}", self.needed, "scripts/workshop up"
            )
        if wrong:
            found, fixes = zip(*wrong, strict=True)
            commands = "; ".join(dict.fromkeys(f"kubectl --context {region.cluster.context} {fix}" for fix in fixes))
            return failed("; ".join(found), self.needed, commands)
        found = f"from {scaling.floor} up to {scaling.ceiling} provisioners by the queue"
        at, name = deployment.namespace, deployment.name
        more = scaling.ceiling - len(asked_of_cluster(site, region, lambda cluster: cluster.pods_of(at, name)))
        room = asked_of_cluster(site, region, lambda cluster: cluster.room_for_more(at, name))
        if room is not None and room < more:
            first = site.settings.organizations.index(site.settings.default_organization)
            path = ("organizations", first, "minimum_provisioners")
            boot = site.settings.arrival.node_boot_seconds
            return warning(
                f"{found}; their nodes have room for {room} more, the ceiling needs {more}",
                self.needed,
                f"nothing, if builds may wait {boot} s for another node; else start it with a higher floor: "
                f"{set_command(path, str(scaling.ceiling))}",
            )
        return passed(found, self.needed)


def _wrong(cluster: LiveCluster, deployment: Deployment, scaling: Scaling) -> Iterator[tuple[str, str]]:
    """Each with where to look. Raises NotFound without a ScaledObject."""
    at = deployment.namespace
    found = cluster.scaled_object(at, QUEUE_SCALER)
    describe = f"-n {at} describe scaledobject {QUEUE_SCALER}"
    for name, why in _conditions(found):
        yield f"ScaledObject {name}: {why}", describe
    least = found["spec"].get("minReplicaCount", 0)
    if least < scaling.floor:
        yield f"it keeps {least} provisioners at least, {scaling.floor} are planned", describe
    try:
        exporting = cluster.pods_of(EXPORTER, EXPORTER)
    except NotFound:
        exporting = ()
    if not any(pod.is_ready for pod in exporting):
        # Ready means that Coder answered within the last minute (workshop/exporter/server.py).
        yield "no exporter with a number of the last minute", f"-n {EXPORTER} logs deployment/{EXPORTER}"
    more = scaling.ceiling - len(cluster.pods_of(at, deployment.name))
    for (quota, resource), left in cluster.quota_left(at).items():
        if resource in ("pods", "count/pods") and left < more:
            yield f"quota {quota} leaves {int(left)} pods, the ceiling needs {more} more", f"-n {at} edit quota {quota}"


def _conditions(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Those that say that it does not scale by the queue."""
    conditions = {one["type"]: one for one in found.get("status", {}).get("conditions") or ()}
    if "Ready" not in conditions:
        yield "Ready", "KEDA has not looked at it"
    for name, expected in _EXPECTED.items():
        one = conditions.get(name, {})
        if one.get("status", expected) not in (expected, "Unknown" if name != "Ready" else expected):
            yield name, one.get("message") or one.get("reason") or one["status"]
