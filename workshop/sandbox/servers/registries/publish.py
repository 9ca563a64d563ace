"""Publishes an image: what its maintainers do, in a registry that is not ours."""

from __future__ import annotations

from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.seed.images import PublishedImage, attachment
from workshop.sandbox.servers.registries.content import Contents, Manifest, media_type_of
from workshop.sandbox.servers.registries.repositories import Published


def publish(paths: SandboxPaths, image: str, tag: str, published: PublishedImage) -> str:
    """Puts it under a tag of an image such as ghcr.io/coder/coder-preview, and answers its digest.

    The server need not run, and sees it at once if it does.
    """
    host, _, name = image.partition("/")
    contents = Contents(paths.folder / "oci")
    for blob in published.blobs:
        contents.keep(blob)
    repository = Published(contents, host)
    for body in published.manifests:
        repository.put(name, Manifest(body=body, media_type=media_type_of(body)), None)
    repository.put(name, Manifest(body=published.index, media_type=media_type_of(published.index)), tag)
    return published.digest


def publish_about(paths: SandboxPaths, image: str, digest: str, content: bytes, tag: str | None = None) -> str:
    """Attaches a signature, say, to what is published: by its subject, and by the tag that older clients look for."""
    host, _, name = image.partition("/")
    contents = Contents(paths.folder / "oci")
    subject = Published(contents, host).find(name, digest)
    assert subject is not None, f"{image}@{digest} is not published"
    manifest, *blobs = attachment(subject.body, content)
    for blob in blobs:
        contents.keep(blob)
    made = Manifest(body=manifest, media_type=media_type_of(manifest))
    Published(contents, host).put(name, made, tag)
    return made.digest
