"""One region's ECR: what it holds, tags, replication, and passwords for regctl that last 12 hours."""

from __future__ import annotations

import base64
import json
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from workshop.images.failure import ImagesFailure
from workshop.model.images.parts import Entry
from workshop.model.images.sources import registry_host

_MEDIA_TYPES: Final = [
    f"application/vnd.{kind}+json"
    for kind in (
        "oci.image.index.v1",
        "oci.image.manifest.v1",
        "docker.distribution.manifest.list.v2",
        "docker.distribution.manifest.v2",
    )
]
_PAGE: Final = 1000
_MOST_AT_A_TIME: Final = 100
"""BatchGetImage and BatchDeleteImage take so many (Amazon ECR API Reference)."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A manifest in a repository."""

    tags: tuple[str, ...]
    pushed_at: datetime


class Ecr:
    """Every method raises ImagesFailure."""

    def __init__(self, account: str, region: str, client: Any) -> None:  # noqa: ANN401 - boto3 makes it at run time
        self.region = region
        self.host = registry_host(account, region)
        self._client = client

    def password(self) -> str:
        """Of user AWS, for the registry's own API."""
        with self._asking("ecr:GetAuthorizationToken"):
            (data,) = self._client.get_authorization_token()["authorizationData"]
        return base64.b64decode(data["authorizationToken"]).decode().partition(":")[2]

    def images(self, repository: str) -> Mapping[str, Kept]:
        """All that a repository holds, by digest; nothing where there is no such repository."""
        errors = self._client.exceptions
        with self._asking(f"ecr:DescribeImages of {repository}"):
            try:
                pages = self._client.get_paginator("describe_images").paginate(
                    repositoryName=repository, PaginationConfig={"PageSize": _PAGE}
                )
                found = [one for page in pages for one in page["imageDetails"]]
            except errors.RepositoryNotFoundException:
                return {}
        return {
            one["imageDigest"]: Kept(tags=tuple(one.get("imageTags") or ()), pushed_at=one["imagePushedAt"])
            for one in found
        }

    def tag(self, repository: str, digest: str, tag: str) -> None:
        """Gives what is there a tag; nothing where it has it."""
        found = self._image(repository, digest)
        media_type = found.get("imageManifestMediaType")
        errors = self._client.exceptions
        with self._asking(f"ecr:PutImage of {repository}:{tag}"):
            try:
                self._client.put_image(
                    repositoryName=repository,
                    imageManifest=found["imageManifest"],
                    imageTag=tag,
                    imageDigest=digest,
                    **({"imageManifestMediaType": media_type} if media_type else {}),
                )
            except errors.ImageAlreadyExistsException as error:
                if digest not in str(error):
                    raise

    def entries(self, repository: str) -> Mapping[str, Entry]:
        """All that a repository holds, with what its manifests say."""
        kept = self.images(repository)
        return {
            digest: Entry(
                tags=kept[digest].tags,
                pushed_at=kept[digest].pushed_at,
                lists=tuple(one["digest"] for one in document.get("manifests", ())),
                subject=_subject(document),
            )
            for digest, document in self._documents(repository, tuple(kept))
        }

    def replication(self, repository: str, digest: str) -> Mapping[str, str]:
        """IN_PROGRESS, COMPLETE or FAILED by region; what was never sent to a region is not in it."""
        with self._asking(f"ecr:DescribeImageReplicationStatus of {repository}"):
            answer = self._client.describe_image_replication_status(
                repositoryName=repository, imageId={"imageDigest": digest}
            )
        return {one["region"]: one["status"] for one in answer["replicationStatuses"]}

    def delete(self, repository: str, digests: tuple[str, ...]) -> None:
        """Deletes manifests, in this order."""
        for first in range(0, len(digests), _MOST_AT_A_TIME):
            ids = [{"imageDigest": digest} for digest in digests[first : first + _MOST_AT_A_TIME]]
            with self._asking(f"ecr:BatchDeleteImage of {repository}"):
                failures = self._client.batch_delete_image(repositoryName=repository, imageIds=ids)["failures"]
            for failure in failures:
                if failure["failureCode"] != "ImageNotFound":
                    reason = failure.get("failureReason", failure["failureCode"])
                    raise ImagesFailure(f"{repository} in {self.region}: {reason}")

    def _image(self, repository: str, digest: str) -> Mapping[str, str]:
        found = self._images(repository, (digest,))
        if not found:
            raise ImagesFailure(f"{repository}@{digest} is gone from {self.region}: run it again")
        return found[0]

    def _documents(self, repository: str, digests: tuple[str, ...]) -> Iterator[tuple[str, dict[str, Any]]]:
        for first in range(0, len(digests), _MOST_AT_A_TIME):
            for image in self._images(repository, digests[first : first + _MOST_AT_A_TIME]):
                yield image["imageId"]["imageDigest"], json.loads(image["imageManifest"])

    def _images(self, repository: str, digests: tuple[str, ...]) -> list[Any]:
        ids = [{"imageDigest": digest} for digest in digests]
        with self._asking(f"ecr:BatchGetImage of {repository}"):
            return self._client.batch_get_image(
                repositoryName=repository, imageIds=ids, acceptedMediaTypes=_MEDIA_TYPES
            )["images"]

    @contextmanager
    def _asking(self, what: str) -> Generator[None]:
        """Names what AWS refused."""
        from botocore.exceptions import (  # pyright: ignore[reportMissingTypeStubs]
            BotoCoreError,
            ClientError,
            HTTPClientError,
        )
        from botocore.exceptions import (  # pyright: ignore[reportMissingTypeStubs]
            ConnectionError as NoConnection,
        )

        try:
            yield
        except ClientError as error:
            raise ImagesFailure(f"{what} in {self.region}: {error}: see the rights in docs/images.md") from None
        except (HTTPClientError, NoConnection) as error:
            raise ImagesFailure(f"{what} in {self.region}: {error}: make it reachable from here") from None
        except BotoCoreError as error:
            raise ImagesFailure(f"{what} in {self.region}: {error}: log in to AWS") from None


def _subject(manifest: Mapping[str, Any]) -> str | None:
    found: Mapping[str, str] = manifest.get("subject") or {}
    return found.get("digest")
