"""What was pinned for a stack, when and by whom: reviewed with the digest, and read for the way back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from workshop.model.images.build import Build
from workshop.model.settings.file.edit import CannotEdit, edited
from workshop.model.settings.file.yaml import YamlError, read_yaml
from workshop.model.settings.types import Digest, Repository, Text

FOLDER: Final = "images"
"""In the project: a file a stack, images/STACK.yaml."""

_HEAD: Final = "# What was pinned, oldest first; `workshop images promote` and `rollback` write it (docs/images.md).\n"


_WRONG: Final = {
    "missing": " is missing",
    "extra_forbidden": " is no key of it",
    "model_type": " must have keys and values",
    "tuple_type": " must be a list",
}
"""By pydantic's name of an error."""


class Risk(StrEnum):
    """What a promotion or a way back is refused for, unless it is named: each is the risk that is taken."""

    IMAGE_CHANGE = "image-change"
    SCHEMA_CHANGE = "schema-change"
    NOT_MIRRORED = "not-mirrored"
    UNVERIFIED = "unverified"


class BadHistory(Exception):
    """The file is not one of this project; the message says where."""


class Promotion(BaseModel):
    """One change of a pinned digest. image: its repository in ECR. previous: what was pinned before, None: nothing.

    version, built_at, previous_version: as the images say of themselves. source: from where. promoted_by: as git or the
    system names them. overrides: risks that were taken. is_rollback: whether it goes back, away from `previous`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    image: Repository
    digest: Digest
    previous: Digest | None = None
    previous_version: Text | None = None
    version: Text | None = None
    built_at: AwareDatetime | None = None
    source: Text
    promoted_at: AwareDatetime
    promoted_by: Text
    overrides: tuple[Risk, ...] = ()
    is_rollback: bool = False

    @property
    def build(self) -> Build:
        """What is known of it without asking its source, which may have deleted it since."""
        return Build(digest=self.digest, version=self.version, built_at=self.built_at)


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    promotions: tuple[Promotion, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Release:
    """A digest with which an `up` succeeded, and when it ended."""

    digest: str
    succeeded_at: datetime


def read_history(text: str) -> tuple[Promotion, ...]:
    """Oldest first; empty for an empty text. Raises BadHistory."""
    try:
        return _File.model_validate(read_yaml(text) or {}).promotions
    except YamlError as error:
        raise BadHistory(str(error)) from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        why = _WRONG.get(first["type"]) or f": {first['msg'].removeprefix('Value error, ')}"
        raise BadHistory(f"{where or 'the file'}{why}") from None


def with_promotion(text: str, promotion: Promotion) -> str:
    """The text with one more, comments and layout unchanged. Raises BadHistory."""
    values: list[dict[str, Any]] = [_plain(one) for one in read_history(text)]
    try:
        return edited(text or _HEAD, {"promotions": [*values, _plain(promotion)]})
    except CannotEdit as error:
        raise BadHistory(str(error)) from None


def known_build(history: Iterable[Promotion], digest: str) -> Build:
    """What history says of a digest; no more than the digest where it says nothing."""
    found = Build(digest=digest)
    for one in history:
        if one.digest == digest:
            found = one.build
        elif one.previous == digest and one.previous_version and not found.version:
            found = Build(digest=digest, version=one.previous_version)
    return found


def way_back(history: Sequence[Promotion], releases: Iterable[Release], pinned: str) -> Release | None:
    """The newest release of another digest than the pinned one; None where no `up` succeeded with one.

    A digest that somebody went back from is none, unless it was promoted again.
    """
    left = left_behind(history)
    for release in sorted(releases, key=lambda release: release.succeeded_at, reverse=True):
        if release.digest != pinned and release.digest not in left:
            return release
    return None


def is_going_back(history: Sequence[Promotion], releases: Iterable[Release], image: str, pinned: str) -> bool:
    """Whether the last promotion of an image went back to what is pinned, and no `up` has succeeded with it since."""
    last = next((one for one in reversed(history) if one.image == image), None)
    if last is None or not last.is_rollback or last.digest != pinned:
        return False
    return not any(one.digest == pinned and one.succeeded_at > last.promoted_at for one in releases)


def left_behind(history: Iterable[Promotion]) -> frozenset[str]:
    """Digests that somebody went back from, and nobody promoted again."""
    left: set[str] = set()
    for one in history:
        left.discard(one.digest)
        if one.is_rollback and one.previous:
            left.add(one.previous)
    return frozenset(left)


def _plain(promotion: Promotion) -> dict[str, Any]:
    return promotion.model_dump(mode="json", exclude_defaults=True)
