"""patch-targets: every Deployment and container of which a field is going to be owned exists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workshop.model.findings import Finding
from workshop.model.observations import Absent, Found, Observations
from workshop.model.plan import Plan
from workshop.model.settings import Scope, Settings
from workshop.model.workloads import Deployment, region_workloads

NAME: Final = "patch-targets"
_WHY: Final = "a forced patch would add a container, or an object, to the live platform"


def check(settings: Settings, _plan: Plan, observations: Observations) -> Iterator[Finding]:
    """Looks for each target among the observed Deployments of its region."""
    if settings.scope is not Scope.ALL:
        return
    for region in settings.regions:
        for deployment in region_workloads(settings, region).deployments:
            yield from _check(deployment, region.name, observations)


def _check(deployment: Deployment, region: str, observations: Observations) -> Iterator[Finding]:
    resource = f"Deployment {deployment.key} in {region}"
    observed = observations.regions[region].deployments.get(deployment.key)
    names = "its namespace and names are in workshop:organizations, workshop:server, workshop:proxy, workshop:litellm"
    if isinstance(observed, Found):
        if deployment.container not in observed.value.containers:
            existing = ", ".join(observed.value.containers) or "none"
            problem = f"it has no container {deployment.container}; it has {existing}"
            yield Finding(rule=NAME, resource=resource, problem=problem, why=_WHY, fix=f"name one of these: {names}")
    elif isinstance(observed, Absent):
        existing = ", ".join(observed.known) or "no Deployment"
        problem = f"it does not exist; namespace {deployment.namespace} has {existing}"
        yield Finding(rule=NAME, resource=resource, problem=problem, why=_WHY, fix=f"name one that exists: {names}")
    else:
        reason = "not observed" if observed is None else f"{observed.source}: {observed.reason}"
        fix = "make the cluster reachable with the credentials of this stack and run again"
        yield Finding(rule=NAME, resource=resource, problem=f"could not look it up: {reason}", why=_WHY, fix=fix)
