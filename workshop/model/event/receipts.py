"""What became of a participant's work: the proof of each attempt to save it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Result = Literal["saved", "empty", "refused", "failed", "declined"]


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """One attempt to save a seat's work. at: when its last byte was read (UTC). build: number of the build that ran.

    result: saved; empty: there was nothing to save; refused: too large; failed: try again; declined by its person.
    reason: why nothing was saved. bytes, files and sha256 are those of the archive under this key of the bucket.
    left_out: what was skipped, by kind.
    """

    seat: int
    workspace_id: str
    build: int
    at: datetime
    result: Result
    reason: str = ""
    files: int = 0
    bytes: int = 0
    sha256: str = ""
    key: str = ""
    left_out: tuple[str, ...] = ()

    @property
    def is_final(self) -> bool:
        """Whether another attempt would change nothing."""
        return self.result != "failed"
