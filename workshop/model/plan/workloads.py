"""Which Deployments each region runs of which this project owns a field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workshop.model.plan.plan import Plan
from workshop.model.settings.regions import Region, Role
from workshop.model.settings.stack import Settings, Workload

PROVISIONER = "coder-provisioner"
"""Name of the Deployment, and of its container, in every organization's namespace (coder/ai.coder.com at 6a071df)."""


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """A Deployment and the container in it that runs the service."""

    namespace: str
    name: str
    container: str

    @property
    def key(self) -> str:
        """How observations name it."""
        return f"{self.namespace}/{self.name}"


@dataclass(frozen=True, kw_only=True)
class RegionWorkloads:
    """One region's Deployments. provisioners: by organization; None or empty for what it doesn't run."""

    provisioners: Mapping[str, Deployment]
    server: Deployment | None
    litellm: Deployment | None
    proxy: Deployment | None

    @property
    def deployments(self) -> tuple[Deployment, ...]:
        """All of them."""
        others = (self.server, self.litellm, self.proxy)
        return (*self.provisioners.values(), *(other for other in others if other is not None))


def region_workloads(settings: Settings, region: Region) -> RegionWorkloads:
    """The Deployments of one region: LiteLLM runs beside the server, proxies everywhere else."""
    is_control_plane = region.role is Role.CONTROL_PLANE
    return RegionWorkloads(
        provisioners={
            organization.name: Deployment(namespace=organization.namespace, name=PROVISIONER, container=PROVISIONER)
            for organization in settings.organizations
        }
        if region.hosts_provisioners
        else {},
        server=_deployment(settings.server) if is_control_plane else None,
        litellm=_deployment(settings.litellm) if is_control_plane else None,
        proxy=None if is_control_plane else _deployment(settings.proxy),
    )


def fixed_provisioners(settings: Settings, workloads: RegionWorkloads) -> Mapping[str, Deployment]:
    """Provisioners, by organization, whose number the plan sets; those that follow the queue are the autoscaler's."""
    scaled = {settings.default_organization.name} if settings.autoscaling.enabled else set[str]()
    return {name: deployment for name, deployment in workloads.provisioners.items() if name not in scaled}


def planned_replicas(settings: Settings, plan: Plan, region: Region) -> tuple[tuple[Deployment, int], ...]:
    """Each Deployment of a region with the pods that it is going to have."""
    workloads, provisioners = region_workloads(settings, region), plan.regions[region.name].provisioners
    others = ((workloads.server, plan.server), (workloads.litellm, plan.litellm), (workloads.proxy, plan.proxy))
    return (
        *((deployment, provisioners[organization]) for organization, deployment in workloads.provisioners.items()),
        *((deployment, replicas) for deployment, replicas in others if deployment is not None),
    )


def _deployment(workload: Workload) -> Deployment:
    return Deployment(namespace=workload.namespace, name=workload.deployment, container=workload.container)
