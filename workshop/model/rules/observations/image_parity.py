"""image-parity: every region's registry holds the image index that the settings pin."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workshop.model.findings import Finding
from workshop.model.observations import Absent, Assumed, Found, Observation, Observations
from workshop.model.plan.plan import Plan
from workshop.model.settings.registry import Image
from workshop.model.settings.stack import Scope, Settings

NAME: Final = "image-parity"


def check(settings: Settings, _plan: Plan, observations: Observations) -> Iterator[Finding]:
    """Compares the digest behind the tag in each registry with the pinned one. Scope registry may find it empty."""
    image = settings.image
    if settings.scope is not Scope.ALL or image.digest is None:
        return
    for region in settings.regions:
        observed = observations.regions[region.name].image_digest
        if isinstance(observed, Found) and observed.value == image.digest:
            continue
        yield _finding(settings, region.name, image, image.digest, observed)


def _finding(settings: Settings, region: str, image: Image, digest: str, observed: Observation[str]) -> Finding:
    registry = f"{settings.account or 'ACCOUNT'}.dkr.ecr.{region}.amazonaws.com"
    # crane keeps the index as it is; docker push sends one platform and makes another digest.
    fix = f"crane copy {image.source}@{digest} {registry}/{image.repository}:{image.tag}"
    if isinstance(observed, Found):
        problem = f"{image.tag} is {observed.value}, {digest} (workshop:image.digest) is needed"
    elif isinstance(observed, Absent):
        problem = f"tag {image.tag} not found, {digest} (workshop:image.digest) is needed"
    else:
        problem = observed.failure
        fix = "make it readable with the credentials of this stack and run again"
    return Finding(
        rule=NAME,
        resource=f"image {image.repository} in {region}",
        problem=problem,
        why="proxies and server that run different images fail sessions",
        fix=fix,
        is_judged=not isinstance(observed, Assumed),
    )
