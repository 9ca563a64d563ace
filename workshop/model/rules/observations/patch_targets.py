"""patch-targets: every Deployment and container of which a field is going to be owned exists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workshop.model.findings import Finding
from workshop.model.observations import Absent, Assumed, Found, Observations, PatchTarget
from workshop.model.plan.plan import Plan
from workshop.model.plan.workloads import Deployment, region_workloads
from workshop.model.settings.stack import Scope, Settings

NAME: Final = "patch-targets"
_WHY: Final = "a forced patch would add a container, or an object, to the live platform"
_NAMED_BY: Final = "workshop:organizations (namespace), workshop:server, workshop:proxy and workshop:litellm name them"
_NOT_OBSERVED: Final = Assumed(source="Deployment", reason="not observed")


def check(settings: Settings, _plan: Plan, observations: Observations) -> Iterator[Finding]:
    """Looks for each target among the observed Deployments of its region."""
    if settings.scope is not Scope.ALL:
        return
    for region in settings.regions:
        observed = observations.regions[region.name].deployments
        unknown: dict[str, list[str]] = {}
        for deployment in region_workloads(settings, region).deployments:
            answer = observed.get(deployment.key, _NOT_OBSERVED)
            if isinstance(answer, Assumed):
                unknown.setdefault(answer.reason, []).append(deployment.key)
            else:
                yield from _check(deployment, region.name, answer)
        for reason, keys in unknown.items():
            yield Finding(
                rule=NAME,
                resource=f"{'Deployments' if len(keys) > 1 else 'Deployment'} {', '.join(keys)} in {region.name}",
                problem=f"lookup failed: {reason}",
                why=_WHY,
                fix="make the cluster reachable with the credentials of this stack and run again",
                is_judged=False,
            )


def _check(deployment: Deployment, region: str, observed: Found[PatchTarget] | Absent) -> Iterator[Finding]:
    if isinstance(observed, Absent):
        problem = f"not found; {deployment.namespace} has {', '.join(observed.known) or 'none'}"
        fix = f"name one that exists: {_NAMED_BY}"
    elif deployment.container not in observed.value.containers:
        problem = f"no container {deployment.container}; it has {', '.join(observed.value.containers) or 'none'}"
        fix = f"name one of these: {_NAMED_BY}"
    else:
        return
    resource = f"Deployment {deployment.key} in {region}"
    yield Finding(rule=NAME, resource=resource, problem=problem, why=_WHY, fix=fix)
