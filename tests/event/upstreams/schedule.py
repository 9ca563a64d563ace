"""When which call fails, and how."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Lock


class Failing(StrEnum):
    """How a call fails. silent: it never arrives. lost: it is done, and its answer does not arrive."""

    SILENT = "no answer"
    LOST = "answer lost"
    BROKEN = "500"
    LIMITED = "429"
    GARBAGE = "garbage"


UPSTREAMS = ("coder", "us-east-2", "us-west-2", "eu-west-2", "ec2", "s3", "litellm", "database")
"""Clusters by their regions."""

RUN = 6
"""Calls that fail in a row: more than any client here tries again by itself."""

EVERY = {"database": 600, "litellm": 12, "s3": 12}
"""Calls from the beginning of one run to that of the next, where it is not 60: about four runs an event."""


@dataclass
class Schedule:
    """kinds: how runs of calls fail, one after the other. upstreams: of these. first: the call with which the first run
    begins, in sixtieths of the way from run to run.

    Nothing fails while it is paused. calls, failed: so many so far, by upstream; failed also by kind.
    """

    kinds: tuple[Failing, ...]
    upstreams: tuple[str, ...] = UPSTREAMS
    first: int = 0
    is_paused: bool = True
    calls: Counter[str] = field(default_factory=Counter[str])
    failed: Counter[tuple[str, Failing]] = field(default_factory=Counter[tuple[str, Failing]])
    _alone: Lock = field(default_factory=Lock)

    def next(self, upstream: str) -> Failing | None:
        """How this call fails; None where it does not."""
        with self._alone:
            if self.is_paused:
                return None
            every = EVERY.get(upstream, 60)
            turn, place = divmod(self.calls[upstream] - self.first * every // 60, every)
            self.calls[upstream] += 1
            if upstream not in self.upstreams or turn < 0 or place >= RUN:
                return None
            # An upstream's runs begin with another kind than its neighbours'.
            turn += self.upstreams.index(upstream)
            kind = self.kinds[turn % len(self.kinds)]
            self.failed[upstream, kind] += 1
            return kind
