"""image-change: the platform's image is not changed while workspaces run or in the window."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workshop.model.findings import Finding
from workshop.model.observations import Assumed, Found, Observations
from workshop.model.plan import Plan
from workshop.model.rules.moment import in_window
from workshop.model.settings import Scope, Settings
from workshop.model.workloads import region_workloads

NAME: Final = "image-change"


def check(settings: Settings, _plan: Plan, observations: Observations) -> Iterator[Finding]:
    """Compares the digest that server and proxies run with the pinned one; a change needs an empty platform."""
    digest = settings.image.digest
    if settings.scope is not Scope.ALL or digest is None:
        return
    obstacle, is_known = _obstacle(settings, observations)
    if not obstacle:
        return
    for region in settings.regions:
        workloads = region_workloads(settings, region)
        for deployment in (workloads.server, workloads.proxy):
            if deployment is None:
                continue
            observed = observations.regions[region.name].deployments.get(deployment.key)
            if not isinstance(observed, Found):
                continue  # patch-targets says so
            image = observed.value.images.get(deployment.container, "")
            if image and not image.endswith(f"@{digest}"):
                yield Finding(
                    rule=NAME,
                    resource=f"Deployment {deployment.key} in {region.name}",
                    problem=f"it runs {image}, workshop:image.digest is {digest}, and {obstacle}",
                    why="a new image migrates the database, restarts every session's proxy and can't be taken back",
                    fix="change the image before preparation begins, or stop these workspaces first",
                    is_judged=is_known,
                )


def _obstacle(settings: Settings, observations: Observations) -> tuple[str, bool]:
    """What forbids a change of image now, in words, and whether that is known; empty when nothing does."""
    running, unknown = 0, ""
    for region in settings.regions:
        observed = observations.regions[region.name].running_workspaces
        if isinstance(observed, Assumed):
            unknown = f"it is not known whether workspaces run ({observed.source}: {observed.reason})"
        if isinstance(observed, Found):
            running += sum(observed.value.values())
            if settings.window is not None and in_window(settings.window, observed.observed_at):
                return f"the window is open until {settings.window.closes_at.isoformat()}", True
    return (f"{running} workspaces run", True) if running else (unknown, False)
