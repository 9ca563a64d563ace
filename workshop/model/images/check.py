"""What `workshop images check` found of one image: whether its source moved on, and what keeps the newer build back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workshop.model.findings import Finding
from workshop.model.images.build import Build
from workshop.model.images.candidate import Candidate
from workshop.model.images.sources import Source


@dataclass(frozen=True, kw_only=True)
class ImageCheck:
    """One image. pinned: None where nothing is. held: by region, why its registry lacks that, "" if it does not.

    published: what the source's tag leads to, None where nothing answered: problem says why. refused: what `promote`
    would refuse now.
    """

    source: Source
    pinned: Build | None
    held: Mapping[str, str]
    published: Candidate | None
    refused: tuple[Finding, ...] = ()
    problem: str = ""

    @property
    def has_moved(self) -> bool:
        """Whether the source has another build than the pinned one."""
        return self.published is not None and (self.pinned is None or self.published.build.digest != self.pinned.digest)

    @property
    def is_held(self) -> bool:
        """Whether every region can pull what is pinned."""
        return self.pinned is not None and not any(self.held.values())

    @property
    def is_current(self) -> bool:
        """Whether there is nothing to do."""
        return self.published is not None and not self.has_moved and self.is_held
