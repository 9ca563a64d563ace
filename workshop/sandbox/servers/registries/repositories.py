"""Manifests and tags of a registry: in files where images are published, in moto for ECR."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from importlib import import_module
from typing import Final, Protocol

from workshop.sandbox.json_values import Json
from workshop.sandbox.servers.aws.application import Aws
from workshop.sandbox.servers.aws.request import json_request
from workshop.sandbox.servers.registries.content import Contents, Manifest

_ECR: Final = re.compile(r"(?P<account>[0-9]{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com")
_TARGET: Final = "AmazonEC2ContainerRegistry_V20150921.PutImage"
_REFUSED: Final = 400


class RegistryRefusal(Exception):
    """What a registry answers to a request that is wrong (OCI distribution specification, "Error Codes")."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


class Repositories(Protocol):
    """Of one registry."""

    def exists(self, name: str) -> bool:
        """Whether there is such a repository; a published one comes with the first push."""
        ...

    def find(self, name: str, reference: str) -> Manifest | None:
        """By digest or tag."""
        ...

    def put(self, name: str, manifest: Manifest, tag: str | None) -> None:
        """Takes a manifest whose parts are there. Raises RegistryRefusal."""
        ...

    def tags(self, name: str) -> Iterable[str]:
        """Sorted."""
        ...

    def manifests(self, name: str) -> Iterable[Manifest]:
        """All that it has."""
        ...


class Published:
    """Where images are published: nobody keeps a tag from moving."""

    def __init__(self, contents: Contents, host: str) -> None:
        self._contents = contents
        self._host = host

    def exists(self, name: str) -> bool:
        """Every repository does."""
        return name != ""

    def find(self, name: str, reference: str) -> Manifest | None:
        """By digest or tag."""
        digest = reference if ":" in reference else self._contents.marked(self._host, name, "_tags", reference)
        media_type = self._contents.marked(self._host, name, "_manifests", digest) if digest else None
        body = self._contents.read(digest) if digest and media_type else None
        return Manifest(body=body, media_type=media_type) if body is not None and media_type else None

    def put(self, name: str, manifest: Manifest, tag: str | None) -> None:
        """Takes it, and moves the tag."""
        digest = self._contents.keep(manifest.body)
        self._contents.mark(self._host, name, "_manifests", digest, manifest.media_type)
        if tag:
            self._contents.mark(self._host, name, "_tags", tag, digest)

    def tags(self, name: str) -> Iterable[str]:
        """Sorted."""
        return self._contents.all_marked(self._host, name, "_tags")

    def manifests(self, name: str) -> Iterable[Manifest]:
        """All that it has."""
        for digest in self._contents.all_marked(self._host, name, "_manifests"):
            found = self.find(name, f"sha256:{digest}")
            if found:
                yield found


class Ecr:
    """A region's ECR: what is pushed here AWS's API shows, and the other way round."""

    def __init__(self, aws: Aws, region: str) -> None:
        self._aws = aws
        self._region = region

    def exists(self, name: str) -> bool:
        """Pushing makes none."""
        return name in self._backend().repositories

    def find(self, name: str, reference: str) -> Manifest | None:
        """By digest or tag."""
        is_digest = ":" in reference
        for image in self._images(name):
            if reference == image.image_digest if is_digest else reference in image.image_tags:
                return _manifest(image)
        return None

    def put(self, name: str, manifest: Manifest, tag: str | None) -> None:
        """As PutImage, but that what is there already is no error where it is the same."""
        there = self.find(name, tag or manifest.digest)
        if there is not None and there.digest == manifest.digest:
            return
        body = {
            "repositoryName": name,
            "imageManifest": manifest.body.decode(),
            "imageManifestMediaType": manifest.media_type,
            **({"imageTag": tag} if tag else {}),
        }
        answer = self._aws.carry_out(json_request("ecr", _TARGET, self._region, body))
        if answer.status_code >= _REFUSED:
            said: Json = json.loads(answer.get_data(as_text=True))
            raise RegistryRefusal(_REFUSED, "TAG_INVALID", said.get("message") or said.get("Message") or "refused")

    def tags(self, name: str) -> Iterable[str]:
        """Sorted."""
        return sorted(tag for image in self._images(name) for tag in image.image_tags)

    def manifests(self, name: str) -> Iterable[Manifest]:
        """All that it has."""
        return [_manifest(image) for image in self._images(name)]

    def _images(self, name: str) -> list[Json]:
        self._aws.look()
        found = self._backend().repositories.get(name)
        return list(found.images) if found else []

    def _backend(self) -> Json:
        models: Json = import_module("moto.ecr.models")
        return models.ecr_backends[self._aws.account][self._region]


def _manifest(image: Json) -> Manifest:
    return Manifest(body=image.image_manifest.encode(), media_type=image.image_manifest_media_type)


def repositories_of(host: str, contents: Contents, aws: Aws) -> Repositories:
    """Of the registry that a host is. Raises RegistryRefusal for another account's ECR."""
    ecr = _ECR.fullmatch(host)
    if ecr is None:
        return Published(contents, host)
    if ecr["account"] != aws.account:
        raise RegistryRefusal(403, "DENIED", f"not authorized to registry {host}")
    return Ecr(aws, ecr["region"])
