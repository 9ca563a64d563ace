"""Container images in declared resources, wherever they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from policies.framework.kinds import CONFIGURATION
from policies.framework.policy import Declared
from policies.framework.reading import Reading, Unreadable

DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_NO_IMAGES = frozenset({"annotations", "labels", "matchLabels", "nodeSelector"})
"""Keys of texts that people choose; one of them may be called image."""
_CONTAINER_LISTS = ("containers", "initContainers", "ephemeralContainers")


@dataclass(frozen=True, kw_only=True)
class ImageReference:
    """One reference to an image. host: the registry's, "" for the default; repository: its path without the host."""

    text: str
    path: str
    host: str
    repository: str
    tag: str | None
    digest: str | None


def parse_image(text: str, at: Reading) -> ImageReference:
    """Takes a reference apart: [host[:port]/]repository[:tag][@digest]. Raises Unreadable if it is none."""
    path = at.path
    name, _, digest = text.partition("@")
    host, slash, rest = name.partition("/")
    if not slash or not (host == "localhost" or set(host) & {".", ":"}):
        host, rest = "", name
    repository, _, tag = rest.partition(":")
    if not repository or re.search(r"\s", text) or ("@" in text and not DIGEST.fullmatch(digest)):
        problem = f"{path} is '{text}', not an image reference"
        at.give_up(Unreadable("wrong type", path, problem, f"set {path} to REPOSITORY@sha256:DIGEST"))
    return ImageReference(
        text=text, path=path, host=host, repository=repository, tag=tag or None, digest=digest or None
    )


def declared_images(resource: Declared) -> Iterator[ImageReference]:
    """Every image that a resource declares. Raises Unreadable at one that is not known, empty or no reference."""
    if CONFIGURATION(resource.type):
        return
    for entries in _objects(resource.props):
        for name in _CONTAINER_LISTS:
            if name in entries and not resource.is_patch:
                _demand_images(entries[name])
        for name in ("image", "imageUri"):
            if name in entries:
                yield from _images_of(entries[name])


def _objects(reading: Reading) -> Iterator[dict[str, Reading]]:
    """Every object in a tree in which an image may stand."""
    if reading.is_mapping:
        entries = reading.entries_or_none()
        yield entries
        for key, child in entries.items():
            if key not in _NO_IMAGES:
                yield from _objects(child)
    elif isinstance(reading.value, list):
        for item in reading.items_or_none():
            yield from _objects(item)


def _demand_images(containers: Reading) -> None:
    for container in containers.items_or_none():
        container.member("image").text()


def _images_of(image: Reading) -> Iterator[ImageReference]:
    if not image.is_mapping:
        yield parse_image(image.text(), image)
    elif reference := image.optional("reference"):  # a volume of an image
        yield parse_image(reference.text(), reference)
    elif repository := image.optional("repository") or image.optional("repo"):  # a Helm chart's values
        host = image.optional("registry")
        text = f"{host.text()}/" if host else ""
        text += repository.text()
        for separator, name in ((":", "tag"), ("@", "digest")):
            part = image.optional(name)
            text += f"{separator}{part.text()}" if part else ""
        yield parse_image(text, image)
