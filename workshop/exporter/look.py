"""What an upstream said last: asked in the background, so that whoever reads never waits for it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import Event
from typing import Generic, TypeVar

from workshop.model.legible import legible

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Seen(Generic[T]):
    """An answer and when it came."""

    value: T
    at: datetime


class Look(Generic[T]):
    """One upstream. name: as metrics have it; ask: gets its answer; fresh_seconds: how long one answer holds.

    failure: why there was none last time, "" where there was.
    """

    def __init__(self, name: str, ask: Callable[[], T], now: Callable[[], datetime], *, fresh_seconds: int) -> None:
        self.name = name
        self.seen: Seen[T] | None = None
        self.failure = "not asked yet"
        self._ask = ask
        self._now = now
        self._fresh_seconds = fresh_seconds

    def once(self) -> None:
        """Asks. A failure is printed when it is another than before, and leaves what was seen before."""
        failure = ""
        try:
            value = self._ask()
        except Exception as error:  # noqa: BLE001 -- whatever an upstream does, the others go on
            failure = legible(str(error) or type(error).__name__)
        else:
            self.seen = Seen(value=value, at=self._now())
        if failure and failure != self.failure:
            sys.stderr.write(f"{self.name}: {failure}\n")
        self.failure = failure

    def run(self, stopped: Event, *, interval_seconds: float) -> None:
        """Asks again and again."""
        while not stopped.is_set():
            self.once()
            stopped.wait(interval_seconds)

    @property
    def age_seconds(self) -> float | None:
        """Of the last answer; None where none ever came."""
        return (self._now() - self.seen.at).total_seconds() if self.seen else None

    @property
    def fresh(self) -> T | None:
        """The last answer; None where there is none, or it is too old to be acted on."""
        age = self.age_seconds
        return self.seen.value if self.seen and age is not None and 0 <= age <= self._fresh_seconds else None
