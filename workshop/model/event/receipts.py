"""What became of a participant's work each time it was to be saved: no work is lost without a reason."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from workshop.model.legible import Legible

LEFT_OUT_AT_MOST: Final = 100
"""Names that a receipt has of what was not saved; the last one counts the rest."""

SUFFIX: Final = ".tar.gz"


class Result(StrEnum):
    """How it ended. saved: an archive holds it. empty: there was nothing. refused: more than may be saved.

    failed: it was tried. declined: the participant did not want it.
    """

    SAVED = "saved"
    EMPTY = "empty"
    REFUSED = "refused"
    FAILED = "failed"
    DECLINED = "declined"


class Receipt(BaseModel):
    """One attempt for one seat.

    at: when it began, UTC. files: of what was saved. bytes, sha256: of the archive, as it was sent and as it is kept
    under the key. content: a digest of what there was, by path, size and time; the same one means that nothing has
    changed since. left_out: what was there and is not saved: secrets, caches, what could not be read. reason: why
    nothing was saved, or what is to be known of what was.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    seat: Annotated[int, Field(ge=1)]
    workspace_id: str
    build_number: Annotated[int, Field(ge=1)]
    at: AwareDatetime
    result: Result
    reason: Legible = ""
    files: Annotated[int, Field(ge=0)] = 0
    bytes: Annotated[int, Field(ge=0)] = 0
    sha256: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""
    key: str = ""
    content: str = ""
    left_out: tuple[Legible, ...] = ()

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if (self.result is Result.SAVED) != bool(self.key and self.sha256 and self.bytes):
            raise ValueError("key, sha256 and bytes belong to what was saved, and to nothing else")
        if self.result in (Result.REFUSED, Result.FAILED) and not self.reason:
            raise ValueError(f"a {self.result} receipt needs a reason")
        return self

    @property
    def is_final(self) -> bool:
        """Whether another attempt would change nothing."""
        return self.result is not Result.FAILED

    @property
    def is_good(self) -> bool:
        """Whether all that was to be saved is."""
        return self.result in (Result.SAVED, Result.EMPTY)

    @property
    def archived_build(self) -> str:
        """Whose work the archive is; a later build in which nothing has changed may have a receipt of it too."""
        return self.key.removesuffix(SUFFIX).rpartition("-")[2]


def archive_key(event: str, seat: int, at: AwareDatetime, build_number: int) -> str:
    """Where an archive is kept; nobody's name is in it."""
    return f"{event}/{seat:02d}/{at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{build_number}{SUFFIX}"


def to_restore(receipts: Iterable[Receipt], seat: int, workspace_id: str, build_number: int) -> Receipt | None:
    """The newest archive of a seat's work that is not of this very build of this workspace: that has it already."""
    saved = [one for one in receipts if one.seat == seat and one.key]
    here = (workspace_id, str(build_number))
    others = [one for one in saved if (one.workspace_id, one.archived_build) != here]
    return max(others, key=lambda one: one.at, default=None)


def receipt_key(archive: str) -> str:
    """Where the receipt of an archive lies beside it; it is written last."""
    return archive.removesuffix(SUFFIX) + ".json"
