"""What was asked a moment ago need not be asked again for the next of many seats."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, Generic, TypeVar

T = TypeVar("T")

KNOWN_SECONDS: Final = 20.0
"""Long enough for a wave of seats; roles in Coder that somebody else changes meanwhile would be lost."""


class Recent(Generic[T]):
    """The answer to a question, kept for so many seconds."""

    def __init__(self, ask: Callable[[], T], seconds: float) -> None:
        self._ask = ask
        self._seconds = seconds
        self._known: tuple[float, T] | None = None

    def __call__(self) -> T:
        """The answer that is known, or a new one. Raises what asking does."""
        if self._known is None or time.monotonic() - self._known[0] > self._seconds:
            return self.anew()
        return self._known[1]

    def anew(self) -> T:
        """A new answer."""
        self._known = time.monotonic(), self._ask()
        return self._known[1]
