"""image-digests: the index that the settings pin is at its source and in every region's registry."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from workshop.checks.check import Check, CheckOutcome, Part, failed, passed, warning
from workshop.checks.clients import asked_of_aws
from workshop.checks.published import published_digest
from workshop.checks.service import Inconclusive
from workshop.checks.site import Site
from workshop.model.preflight.record import Stage
from workshop.model.settings.commands import set_command

_PATH: Final = ("image", "digest")


class ImageDigests(Check):
    """Compares what is published, and what each registry holds under the tag, with the pinned digest."""

    id = "image-digests"
    stage = Stage.BEFORE_UP
    asks = "the image's registry or ECR"
    needed = "the pinned image index"

    def parts(self, site: Site) -> Iterator[Part]:
        """The source, and each region's registry."""
        yield Part(region="", look=lambda: _at_source(site))
        for region in site.settings.regions:
            yield Part(region=region.name, look=lambda name=region.name: _in_region(site, name))


def _at_source(site: Site) -> CheckOutcome:
    image, digest = site.settings.image, _pinned(site)
    name = image.source.partition("/")[2]
    published = published_digest(site.systems.source, name, digest)
    if published != digest:
        return failed(
            f"{image.source} has {f'{published} under that digest' if published else 'no such image'}",
            digest,
            set_command(_PATH, f'"$(crane digest {image.source}:{image.tag})"'),
        )
    newest = published_digest(site.systems.source, name, image.tag)
    if newest != digest:
        found = f"{image.source}:{image.tag} is now {newest or 'gone'}"
        return warning(found, digest, "nothing, to keep the tested image; else pin the newer one")
    return passed(f"{image.source}:{image.tag} {digest[:19]}", digest)


def _in_region(site: Site, region: str) -> CheckOutcome:
    image, digest = site.settings.image, _pinned(site)

    def ask(client: Any) -> str | None:  # noqa: ANN401 - boto3 makes its clients at run time
        errors = client.exceptions
        try:
            answer = client.describe_images(repositoryName=image.repository, imageIds=[{"imageTag": image.tag}])
        except (errors.ImageNotFoundException, errors.RepositoryNotFoundException):
            return None
        return answer["imageDetails"][0]["imageDigest"]

    found = asked_of_aws(site, "ecr", region, ask)
    if found == digest:
        return passed(f"{image.repository}:{image.tag} {digest[:19]}", digest)
    registry = f"{site.settings.account or 'ACCOUNT'}.dkr.ecr.{region}.amazonaws.com"
    fix = f"crane copy {image.source}@{digest} {registry}/{image.repository}:{image.tag}"
    return failed(f"{image.repository}:{image.tag} is {found or 'not found'}", digest, fix)


def _pinned(site: Site) -> str:
    if site.settings.image.digest is None:
        raise Inconclusive("workshop:image.digest is not set", set_command(_PATH, "sha256:..."))
    return site.settings.image.digest
