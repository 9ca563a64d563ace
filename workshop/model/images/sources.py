"""Every image that is mirrored, and where the settings name it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from workshop.model.settings.commands import SettingPath
from workshop.model.settings.registry import Image
from workshop.model.settings.stack import Settings

MOVABLE_TAGS: Final = ("latest", "sha256-*")
"""Tags of our repositories that may move: all others never do. The second are those under which older clients keep
signatures and attestations, of which there can be more every day (cosign, "Signature specification")."""


MIRROR: Final = "scripts/workshop images mirror"
"""The command that brings every image to every region."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """One image that is mirrored. setting: where the settings have it, such as ("mirror", "images", 0)."""

    setting: SettingPath
    image: Image


def sources(settings: Settings) -> tuple[Source, ...]:
    """The platform's image, then those of workshop:mirror, each mirrored to a repository of its own."""
    others = settings.mirror.images if settings.mirror else ()
    return (
        Source(setting=("image",), image=settings.image),
        *(Source(setting=("mirror", "images", index), image=image) for index, image in enumerate(others)),
    )


def registry_host(account: str, region: str) -> str:
    """The name of a region's ECR registry (Amazon ECR User Guide, "Private registry")."""
    return f"{account}.dkr.ecr.{region}.amazonaws.com"
