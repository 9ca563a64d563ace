"""What is copied, under which tag, and what a run reports."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from workshop.model.counting import counted
from workshop.model.images.sources import sources
from workshop.model.rotation import Document
from workshop.model.settings.regions import Role
from workshop.model.settings.registry import Image
from workshop.model.settings.section import given
from workshop.model.settings.stack import Settings

RUN: Final = timedelta(hours=1)
"""What a run of the CronJob may take."""

_SHORT: Final = 12
_LONGEST: Final = 128 - len("-20241001-") - _SHORT
"""A tag has 128 characters at most (OCI distribution specification)."""

_OWN: Final = re.compile(r".+-(?P<day>20[0-9]{6})-(?P<short>[0-9a-f]{12})")


class MirrorRequest(Document):
    """mirror: these images to the account's registry in the home region, whence it replicates to the others.

    patience_seconds: how long replication may take before what it did not bring is copied.
    """

    account: str
    home: str
    replicas: tuple[str, ...]
    images: tuple[Image, ...]
    patience_seconds: int = 240


def mirror_request(settings: Settings) -> MirrorRequest:
    """The request of a stack, and of its CronJob. Raises ValueError where the account is not set."""
    home = next(region.name for region in settings.regions if region.role is Role.CONTROL_PLANE)
    return MirrorRequest(
        account=given(settings.account),
        home=home,
        replicas=tuple(region.name for region in settings.regions if region.name != home),
        images=tuple(source.image for source in sources(settings)),
    )


def own_tag(tag: str, day: date, digest: str) -> str:
    """An image's own tag, which never moves: the source's, the day in UTC and the digest's first digits."""
    return f"{tag[:_LONGEST]}-{day:%Y%m%d}-{_short(digest)}"


def own_tag_among(tags: Iterable[str], digest: str) -> str | None:
    """The one that an image has already."""
    return next((tag for tag in tags if (own := _OWN.fullmatch(tag)) and own["short"] == _short(digest)), None)


def mirrored_on(tag: str) -> date | None:
    """The day in a tag of ours; None for any other."""
    own = _OWN.fullmatch(tag)
    try:
        return date.fromisoformat(own["day"]) if own else None
    except ValueError:
        return None


def _short(digest: str) -> str:
    return digest.removeprefix("sha256:")[:_SHORT]


class State(StrEnum):
    """What became of an image, or will: copied where it is new, unchanged where it was there with its tag."""

    COPIED = "copied"
    UNCHANGED = "unchanged"
    WOULD_COPY = "would copy"
    FAILED = "failed"


class Arrival(StrEnum):
    """How an image is in a region: present where replication brought it, or an earlier run."""

    HOME = "home"
    PRESENT = "present"
    COPIED = "copied"
    MISSING = "missing"


class MirroredImage(Document):
    """One digest of one source. regions: how it is in each; problem: why it failed, "" where it did not."""

    source: str
    repository: str
    digest: str
    tag: str
    state: State
    regions: Mapping[str, Arrival] = {}
    problem: str = ""


class MirrorReport(Document):
    """What a run did."""

    images: tuple[MirroredImage, ...]

    @property
    def failed(self) -> tuple[MirroredImage, ...]:
        """Those that are not everywhere."""
        return tuple(one for one in self.images if one.state is State.FAILED)

    def summary(self) -> str:
        """How many, and what became of them."""
        counts = [f"{count} {state}" for state in State if (count := sum(one.state is state for one in self.images))]
        return f"{counted(len(self.images), 'image')}: {', '.join(counts)}"

    def line(self) -> str:
        """The whole in one line."""
        return self.summary() + "".join(f"; {one.source}: {one.problem}" for one in self.failed)
