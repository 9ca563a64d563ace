"""workspace-images: what workspaces pull is in every region's registry, and the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from workshop.checks.check import CheckOutcome, RegionCheck, failed, passed
from workshop.checks.clients import asked_of_aws
from workshop.checks.site import Site
from workshop.model.counting import counted
from workshop.model.preflight.record import Stage
from workshop.model.settings.regions import Region, Role

IN_USE: Final = timedelta(days=30)
"""A tag that was pulled since counts as used, and so does a repository's newest: no setting names templates' images."""

_SHOWN: Final = 3


class WorkspaceImages(RegionCheck):
    """Replication copies what is pushed once it is set up, and nothing that was there before."""

    id = "workspace-images"
    stage = Stage.BEFORE_EVENT
    asks = "AWS"
    needed = "the images in use in the control plane's region, by the same digests"

    def concerns(self, region: Region) -> bool:
        """Where images are copied to."""
        return region.role is not Role.CONTROL_PLANE

    def look(self, site: Site, region: Region) -> CheckOutcome:
        """Every repository but the server's image, which image-digests looks at."""
        source = next(one for one in site.settings.regions if one.role is Role.CONTROL_PLANE)
        names = [name for name in site.settings.repositories if name != site.settings.image.repository]
        used = {name: _tags(site, source, name, since=site.now - IN_USE) for name in names}
        here = {name: _tags(site, region, name) for name, tags in used.items() if tags}
        missing = [
            (f"{name}:{tag}", digest)
            for name, tags in here.items()
            for tag, digest in used[name].items()
            if tags.get(tag) != digest
        ]
        if missing:
            more = f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
            registry = f"{site.settings.account or 'ACCOUNT'}.dkr.ecr.{{}}.amazonaws.com/{missing[0][0]}"
            fix = f"regctl image copy --referrers {registry.format(source.name)} {registry.format(region.name)}"
            return failed(f"not here: {', '.join(name for name, _ in missing[:_SHOWN])}{more}", self.needed, fix)
        count = sum(map(len, used.values()))
        return passed(f"{counted(count, 'image')} of {counted(len(names), 'repository', 'repositories')}", self.needed)


def _tags(site: Site, region: Region, repository: str, since: datetime | None = None) -> Mapping[str, str]:
    """Digests by tag; with `since`, of the newest image and those pulled since. Empty where there is no repository."""

    def ask(client: Any) -> Mapping[str, str]:  # noqa: ANN401 - boto3 makes its clients at run time
        try:
            pages = client.get_paginator("describe_images").paginate(repositoryName=repository)
            images = [image for page in pages for image in page["imageDetails"]]
        except client.exceptions.RepositoryNotFoundException:
            return {}
        newest = max((image["imagePushedAt"] for image in images), default=None)
        return dict(_named(image for image in images if since is None or _is_used(image, newest, since)))

    return asked_of_aws(site, "ecr", region.name, ask)


def _is_used(image: Mapping[str, Any], newest: datetime | None, since: datetime) -> bool:
    pulled = image.get("lastRecordedPullTime")
    return image["imagePushedAt"] == newest or (pulled is not None and pulled >= since)


def _named(images: Iterator[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    return ((tag, image["imageDigest"]) for image in images for tag in image.get("imageTags") or ())
