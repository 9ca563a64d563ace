"""image-change: the platform's image is not changed while workspaces run or in the window."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workshop.model.counting import running_workspaces
from workshop.model.findings import Finding
from workshop.model.observations import Assumed, Found, Observations
from workshop.model.plan.plan import Plan
from workshop.model.plan.workloads import region_workloads
from workshop.model.settings.stack import Scope, Settings
from workshop.model.settings.window import Override
from workshop.model.window.overrides import or_take_the_risk
from workshop.model.window.phases import closes

NAME: Final = "image-change"


def check(settings: Settings, plan: Plan, observations: Observations) -> Iterator[Finding]:
    """Compares the digest that server and proxies run with the pinned one; a change needs an empty platform.

    The way back does not: whoever runs a workspace waits for it. In the window it takes the override, as any change.
    """
    digest = settings.image.digest
    if settings.scope is not Scope.ALL or digest is None:
        return
    is_held = plan.phase is not None and plan.phase.is_in_window
    obstacle, is_known = (closes(settings.window), True) if is_held else _running(settings, observations)
    is_way_back = isinstance(observations.pinned, Found) and observations.pinned.value.is_rollback
    if not obstacle or (is_way_back and not is_held):
        return
    fix = "stop these workspaces first, or change the image when they are stopped"
    if is_held:
        fix = f"change it when the window has closed, {or_take_the_risk(settings, Override.IMAGE_CHANGE)}"
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
                    why="a new image migrates the database, restarts every session's proxy and can't be rolled back",
                    fix=fix,
                    is_judged=is_known,
                    override=Override.IMAGE_CHANGE if is_held else None,
                )


def _running(settings: Settings, observations: Observations) -> tuple[str, bool]:
    """Who would be hit, in words, and whether that is known; empty when it is known that nobody is."""
    running, unknown = 0, ""
    for region in settings.regions:
        observed = observations.regions[region.name].running_workspaces
        if isinstance(observed, Assumed):
            unknown = f"whether workspaces run is unknown ({observed.source}: {observed.reason})"
        if isinstance(observed, Found):
            running += sum(observed.value.values())
    return (running_workspaces(running), True) if running else (unknown, False)
