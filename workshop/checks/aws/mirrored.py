"""Which regions' registries hold an image, and what ECR's scan found in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workshop.checks.clients import asked_of_aws
from workshop.checks.service import Inconclusive
from workshop.checks.site import Site
from workshop.model.images.build import Build
from workshop.model.settings.regions import Role


def holding_regions(site: Site, repository: str, digest: str) -> Mapping[str, str]:
    """Each region with why its registry does not hold the digest, "" where it does; no answer is a reason too."""
    return {region.name: _why_not(site, region.name, repository, digest) for region in site.settings.regions}


def scanned(site: Site, repository: str, build: Build) -> Mapping[str, int] | None:
    """How many vulnerabilities the scan of the control plane's registry found, by severity; None: it has no result."""
    if build.manifest is None:
        return None
    image = {"imageDigest": build.manifest}

    def ask(client: Any) -> Mapping[str, int] | None:  # noqa: ANN401 - boto3 makes its clients at run time
        errors = client.exceptions
        try:
            answer = client.describe_image_scan_findings(repositoryName=repository, imageId=image)
        except (errors.ScanNotFoundException, errors.ImageNotFoundException, errors.RepositoryNotFoundException):
            return None
        if answer["imageScanStatus"]["status"] not in ("COMPLETE", "ACTIVE"):
            return None
        return answer["imageScanFindings"].get("findingSeverityCounts", {})

    try:
        region = next(one.name for one in site.settings.regions if one.role is Role.CONTROL_PLANE)
        return asked_of_aws(site, "ecr", region, ask)
    except Inconclusive:
        return None


def _why_not(site: Site, region: str, repository: str, digest: str) -> str:
    def ask(client: Any) -> str:  # noqa: ANN401 - boto3 makes its clients at run time
        errors = client.exceptions
        try:
            client.describe_images(repositoryName=repository, imageIds=[{"imageDigest": digest}])
        except errors.ImageNotFoundException:
            return "not found"
        except errors.RepositoryNotFoundException:
            return f"no repository {repository}"
        return ""

    try:
        return asked_of_aws(site, "ecr", region, ask)
    except Inconclusive as why:
        return why.found
