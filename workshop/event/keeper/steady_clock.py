"""A clock that never goes back: what was due once stays due, and what is kept is never from the future."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

TOLERATED: Final = timedelta(seconds=5)
"""By which clocks are set back when they are put right."""


class SteadyClock:
    """Another clock's time; when that goes back, the time before goes on until it is reached again.

    behind: by how much the other clock was behind when it was last looked at.
    """

    def __init__(
        self, clock: Callable[[], datetime], last: datetime | None, ticks: Callable[[], float] = time.monotonic
    ) -> None:
        """last: not before this, which another keeper has kept. ticks: seconds that only ever go on."""
        self._clock = clock
        self._ticks = ticks
        self._read_at = ticks()
        self._last = last
        self.behind = timedelta(0)

    def __call__(self) -> datetime:
        """Now."""
        now, ticks = self._clock(), self._ticks()
        goes_on = now if self._last is None else self._last + timedelta(seconds=ticks - self._read_at)
        self.behind = timedelta(0) if self._last is None or now >= self._last else goes_on - now
        self._last, self._read_at = now + self.behind, ticks
        return self._last

    def problem(self) -> str:
        """What there is to say of it; empty while both go together."""
        if self.behind <= TOLERATED:
            return ""
        return (
            f"it is {self.behind // timedelta(seconds=1)} s behind what it showed before: the event goes by the latter"
        )
