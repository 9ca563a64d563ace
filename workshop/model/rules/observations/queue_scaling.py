"""queue-scaling: KEDA is there, new enough, and a provisioner that it takes away may finish its build."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workshop.model.findings import Finding
from workshop.model.observations import Absent, Assumed, Found, Observations, RegionObservations
from workshop.model.plan.plan import Plan
from workshop.model.plan.scaling import drain
from workshop.model.plan.workloads import region_workloads
from workshop.model.settings.commands import set_command
from workshop.model.settings.regions import Region
from workshop.model.settings.stack import Scope, Settings

NAME: Final = "queue-scaling"
KEDA_VERSION: Final = "2.20.2"
NEEDED: Final = ("advanced.scalingModifiers.formula", "fallback.behavior")
"""Of a ScaledObject's spec: the formula came with KEDA 2.12, the fallback's behavior with 2.17."""


def check(settings: Settings, plan: Plan, observations: Observations) -> Iterator[Finding]:  # noqa: ARG001 - as every rule
    """Each region whose provisioners are to follow the queue."""
    if settings.scope is not Scope.ALL or not settings.autoscaling.enabled:
        return
    for region in settings.regions:
        if region.hosts_provisioners:
            observed = observations.regions[region.name]
            yield from _keda(settings, region, observed)
            yield from _drain(settings, region, observed)


def _keda(settings: Settings, region: Region, observed: RegionObservations) -> Iterator[Finding]:
    found = observed.scaled_object_fields
    why = "nothing would scale provisioners, whose number is then nobody's"
    install = (
        f"helm --kube-context {region.cluster.context} upgrade --install keda keda --repo "
        f"https://kedacore.github.io/charts --version {KEDA_VERSION} --namespace {settings.autoscaling.keda_namespace} "
        f"--create-namespace; or keep the plan's number: {set_command(('autoscaling', 'enabled'), 'false')}"
    )
    resource = f"KEDA in {region.name}"
    match found:
        case Assumed():
            fix = "make the cluster reachable with the credentials of this stack and run again"
            yield Finding(rule=NAME, resource=resource, problem=found.failure, why=why, fix=fix, is_judged=False)
        case Absent():
            problem = "CustomResourceDefinition scaledobjects.keda.sh not found"
            yield Finding(rule=NAME, resource=resource, problem=problem, why=why, fix=install)
        case Found() if missing := [name for name in NEEDED if name not in found.value]:
            problem = f"ScaledObjects have no spec.{', spec.'.join(missing)}: KEDA is older than 2.17"
            yield Finding(rule=NAME, resource=resource, problem=problem, why=why, fix=install)
        case _:
            pass


def _drain(settings: Settings, region: Region, observed: RegionObservations) -> Iterator[Finding]:
    """Where the Deployment was not found, patch-targets says so."""
    deployment = region_workloads(settings, region).provisioners[settings.default_organization.name]
    found, needed = observed.deployments.get(deployment.key), int(drain(settings).total_seconds())
    if isinstance(found, Found) and found.value.grace_seconds < needed:
        yield Finding(
            rule=NAME,
            resource=f"Deployment {deployment.key} in {region.name}",
            problem=f"terminationGracePeriodSeconds is {found.value.grace_seconds}, must be {needed} or more",
            why="a provisioner that is taken away would break off the build that it runs",
            fix="set coder.terminationGracePeriodSeconds of its Helm release (chart coder-provisioner), or shorten "
            "workshop:autoscaling.longest_build",
        )
