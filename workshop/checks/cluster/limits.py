"""What the cluster keeps out or lets in: namespace-quota, autoscalers, workspace-bounds."""

from __future__ import annotations

import json
from decimal import Decimal

from workshop.checks.check import CheckOutcome, RegionCheck, failed, passed
from workshop.checks.clients import asked_of_cluster
from workshop.checks.cluster.places import users_to_come
from workshop.checks.site import Site
from workshop.model.counting import counted
from workshop.model.names import WORKSPACE_BOUNDS
from workshop.model.plan.workloads import planned_replicas
from workshop.model.preflight.record import Stage
from workshop.model.settings.regions import Region
from workshop.observe.look_up import NotFound


class NamespaceQuota(RegionCheck):
    """What a ResourceQuota leaves of the namespace of the default organization, whose workspaces these are."""

    id = "namespace-quota"
    stage = Stage.BEFORE_EVENT
    asks = "a cluster"
    needed = "quotas that leave room for all workspaces"

    def look(self, site: Site, region: Region) -> CheckOutcome:
        """Counts the largest shape for each user whose workspace does not run yet."""
        users = users_to_come(site, region)
        if not users:
            return passed("no users are expected here", "nothing")
        namespace = next(one.namespace for one in site.settings.organizations if one.is_default)
        left = asked_of_cluster(site, region, lambda cluster: cluster.quota_left(namespace))
        workspaces = site.settings.workspaces
        cpu = Decimal(workspaces.largest.vcpu)
        memory = Decimal(workspaces.largest.memory_gib) * 2**30
        each = {"cpu": cpu, "memory": memory, "ephemeral-storage": Decimal(workspaces.storage_gib) * 2**30}
        demand = {f"{kind}.{name}": amount for kind in ("requests", "limits") for name, amount in each.items()}
        demand |= each | {"pods": Decimal(1), "count/pods": Decimal(1)}
        short = {
            (quota, name): int(amount // demand[name])
            for (quota, name), amount in left.items()
            if name in demand and amount < demand[name] * users
        }
        needed = f"{users} more in {namespace}"
        if short:
            found = ", ".join(f"{quota} leaves {name} for {count}" for (quota, name), count in short.items())
            quota = next(iter(short))[0]
            fix = f"kubectl --context {region.cluster.context} -n {namespace} edit quota {quota}"
            return failed(found, needed, fix)
        return passed(f"{counted(len({quota for quota, _ in left}), 'quota')} in {namespace}", needed)


class Autoscalers(RegionCheck):
    """A HorizontalPodAutoscaler writes replicas too; those of KEDA's ScaledObjects are such as well."""

    id = "autoscalers"
    stage = Stage.BEFORE_EVENT
    asks = "a cluster"
    needed = "no autoscaler that may go below the planned replicas"

    def look(self, site: Site, region: Region) -> CheckOutcome:
        """Of each Deployment whose replicas the stack sets."""
        planned = planned_replicas(site.settings, site.plan, region)
        namespaces = {deployment.namespace for deployment, _ in planned}
        scalers = {
            one: asked_of_cluster(site, region, lambda cluster, at=one: cluster.autoscalers(at)) for one in namespaces
        }
        below = [
            (deployment, replicas, scaler)
            for deployment, replicas in planned
            for scaler in scalers[deployment.namespace]
            if scaler.deployment == deployment.name and scaler.least < replicas
        ]
        if below:
            deployment, replicas, scaler = below[0]
            patch = json.dumps({"spec": {"minReplicas": replicas, "maxReplicas": max(replicas, scaler.most)}})
            command = f"kubectl --context {region.cluster.context} -n {deployment.namespace}"
            found = (f"{one.name} lets {at.key} go to {one.least}, {needed} are planned" for at, needed, one in below)
            return failed("; ".join(found), self.needed, f"{command} patch hpa {scaler.name} -p '{patch}'")
        return passed(f"none of {counted(len(planned), 'Deployment')} is scaled below its plan", self.needed)


class WorkspaceBounds(RegionCheck):
    """Sizes may be parameters that people change at a restart: with an event no cluster takes a larger workspace."""

    id = "workspace-bounds"
    stage = Stage.BEFORE_EVENT
    asks = "a cluster"
    needed = "admission that refuses workspaces larger than planned"

    def look(self, site: Site, region: Region) -> CheckOutcome:
        """By what `up` declares in the window; how large that is, stack-in-sync says."""
        if site.settings.event is None:
            return passed("no event is set", self.needed)
        try:
            is_bounded = asked_of_cluster(site, region, lambda cluster: cluster.refuses_by(WORKSPACE_BOUNDS))
        except NotFound:
            is_bounded = False
        if is_bounded:
            largest = site.settings.workspaces.largest
            return passed(f"{largest.vcpu} processors and {largest.memory_gib} GiB at most", self.needed)
        return failed(f"no {WORKSPACE_BOUNDS} that refuses", self.needed, "pulumi up, once the window is open")
