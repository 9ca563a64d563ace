"""rollout-strategy: another image takes no pod away before a new one is ready."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workshop.model.findings import Finding
from workshop.model.observations import Found, Observations, PatchTarget
from workshop.model.plan.plan import Plan
from workshop.model.plan.workloads import region_workloads
from workshop.model.settings.stack import Scope, Settings

NAME: Final = "rollout-strategy"

_PATCH: Final = '{"spec":{"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":1,"maxUnavailable":0}}}}'


def check(settings: Settings, plan: Plan, observations: Observations) -> Iterator[Finding]:
    """Looks at the strategy of server and proxies whose image is about to change, for the pods that are planned."""
    digest = settings.image.digest
    if settings.scope is not Scope.ALL or digest is None:
        return
    for region in settings.regions:
        workloads = region_workloads(settings, region)
        for deployment, replicas in ((workloads.server, plan.server), (workloads.proxy, plan.proxy)):
            observed = deployment and observations.regions[region.name].deployments.get(deployment.key)
            if deployment is None or not isinstance(observed, Found):
                continue  # patch-targets says so
            image = observed.value.images.get(deployment.container, "")
            if image.endswith(f"@{digest}"):
                continue
            for problem in _problems(observed.value, replicas):
                context = region.cluster.context
                yield Finding(
                    rule=NAME,
                    resource=f"Deployment {deployment.key} in {region.name}",
                    problem=problem,
                    why="an image that does not start would leave fewer pods than there are now",
                    fix=f"kubectl --context {context} -n {deployment.namespace} patch deployment "
                    f"{deployment.name} -p '{_PATCH}', and set it where the Deployment comes from",
                )


def _problems(target: PatchTarget, replicas: int) -> Iterator[str]:
    if target.strategy != "RollingUpdate":
        yield f"its strategy is {target.strategy}, which ends every pod first; RollingUpdate is needed"
        return
    surge, unavailable = _pods(target.max_surge, replicas, up=True), _pods(target.max_unavailable, replicas, up=False)
    if surge < 1 or unavailable > 0:
        yield (
            f"of {replicas} pods it takes {unavailable} away and adds {surge} first (maxUnavailable "
            f"{target.max_unavailable}, maxSurge {target.max_surge}); 0 and at least 1 are needed"
        )


def _pods(setting: str, replicas: int, *, up: bool) -> int:
    """A number, or a percentage that Kubernetes rounds up for maxSurge and down for maxUnavailable."""
    percent = setting.removesuffix("%")
    if percent == setting:
        return int(setting)
    return (int(percent) * replicas + (99 if up else 0)) // 100
