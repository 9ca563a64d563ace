"""image-parity: every region's registry holds the image indexes that the settings pin."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workshop.model.findings import Finding
from workshop.model.images.sources import MIRROR, Source, sources
from workshop.model.observations import Assumed, Found, Observation, Observations, RegionObservations
from workshop.model.plan.plan import Plan
from workshop.model.settings.commands import key_of
from workshop.model.settings.stack import Scope, Settings

NAME: Final = "image-parity"
_PLATFORM: Final = ("image",)
_UNASKED: Final = Assumed(source="ECR registry", reason="not asked for")


def check(settings: Settings, _plan: Plan, observations: Observations) -> Iterator[Finding]:
    """Looks for each pinned digest in each registry. Scope registry may find it empty."""
    if settings.scope is not Scope.ALL:
        return
    for source in sources(settings):
        digest = source.image.digest
        for region in settings.regions if digest else ():
            observed = _observed(source, observations.regions[region.name])
            if digest and not (isinstance(observed, Found) and observed.value == digest):
                yield _finding(region.name, source, digest, observed)


def _observed(source: Source, region: RegionObservations) -> Observation[str]:
    if source.setting == _PLATFORM:
        return region.image_digest
    return region.workspace_images.get(source.image.repository, _UNASKED)


def _finding(region: str, source: Source, digest: str, observed: Observation[str]) -> Finding:
    needed = f"{digest} ({key_of((*source.setting, 'digest'))})"
    if isinstance(observed, Assumed):
        problem, fix = observed.failure, "make it readable with the credentials of this stack and run again"
    else:
        problem, fix = f"{needed} not found", MIRROR
    return Finding(
        rule=NAME,
        resource=f"image {source.image.repository} in {region}",
        problem=problem,
        why="proxies and server that run different images fail sessions"
        if source.setting == _PLATFORM
        else "workspaces could not start there",
        fix=fix,
        is_judged=not isinstance(observed, Assumed),
    )
