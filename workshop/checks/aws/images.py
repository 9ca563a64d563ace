"""image-digests: the indexes that the settings pin are at their sources and in every region's registry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from workshop.checks.check import Check, CheckOutcome, Part, failed, passed, warning
from workshop.checks.clients import asked_of_aws
from workshop.checks.published import published_digest
from workshop.checks.service import Inconclusive
from workshop.checks.site import Site
from workshop.model.images.sources import MIRROR, Source, sources
from workshop.model.preflight.record import Stage, Verdict
from workshop.model.settings.commands import key_of, set_command

_WORST_FIRST: Final = (Verdict.NO_GO, Verdict.WARNING)


class ImageDigests(Check):
    """Compares what is published, and what each registry holds, with the pinned digest of every mirrored image."""

    id = "image-digests"
    stage = Stage.BEFORE_UP
    asks = "the images' registries or ECR"
    needed = "the pinned image indexes"

    def parts(self, site: Site) -> Iterator[Part]:
        """Where images are published, and each region's registry."""
        yield Part(
            region="", look=lambda: _together(self.needed, [_at_source(site, one) for one in sources(site.settings)])
        )
        for region in site.settings.regions:
            yield Part(region=region.name, look=lambda name=region.name: self._in_region(site, name))

    def _in_region(self, site: Site, region: str) -> CheckOutcome:
        return _together(self.needed, [_in_registry(site, region, one) for one in sources(site.settings)])


def _together(needed: str, outcomes: Sequence[CheckOutcome]) -> CheckOutcome:
    """The worst of them, with what each one as bad has found."""
    if len(outcomes) == 1:
        return outcomes[0]
    worst = next((verdict for verdict in _WORST_FIRST if any(one.verdict is verdict for one in outcomes)), Verdict.GO)
    as_bad = [one for one in outcomes if one.verdict is worst]
    return CheckOutcome(verdict=worst, found="; ".join(one.found for one in as_bad), needed=needed, fix=as_bad[0].fix)


def _at_source(site: Site, source: Source) -> CheckOutcome:
    image, digest = source.image, _pinned(source)
    registry, name = site.systems.published(image.source)
    published = published_digest(registry, name, digest)
    if published is None:  # sources delete old builds; what counts is what the regions hold
        return warning(f"{image.source} has no such image any more", digest, "nothing, while every region holds it")
    if published != digest:
        return failed(
            f"{image.source} has {published} under that digest",
            digest,
            set_command((*source.setting, "digest"), f'"$(crane digest {image.source}:{image.tag})"'),
        )
    newest = published_digest(registry, name, image.tag)
    if newest != digest:
        found = f"{image.source}:{image.tag} is now {newest or 'gone'}"
        return warning(found, digest, "nothing, to keep the tested image; else pin the newer one")
    return passed(f"{image.source}:{image.tag} {digest[:19]}", digest)


def _in_registry(site: Site, region: str, source: Source) -> CheckOutcome:
    repository, digest = source.image.repository, _pinned(source)

    def ask(client: Any) -> bool:  # noqa: ANN401 - boto3 makes its clients at run time
        errors = client.exceptions
        try:
            client.describe_images(repositoryName=repository, imageIds=[{"imageDigest": digest}])
        except (errors.ImageNotFoundException, errors.RepositoryNotFoundException):
            return False
        return True

    if asked_of_aws(site, "ecr", region, ask):
        return passed(f"{repository}@{digest[:19]}", digest)
    return failed(f"{repository} has no such image", digest, MIRROR)


def _pinned(source: Source) -> str:
    if source.image.digest is None:
        path = (*source.setting, "digest")
        raise Inconclusive(f"{key_of(path)} is not set", set_command(path, "sha256:..."))
    return source.image.digest
