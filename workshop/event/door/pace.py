"""How many get through in a minute: people to Coder, one after the other, and answers to who guesses."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

MINUTE: Final = timedelta(minutes=1)

_AGAIN: Final = timedelta(seconds=30)
"""Who was let through a moment ago goes again: a page asks first, and then opens what it was given."""

_LEFT_AFTER: Final = timedelta(seconds=30)
"""Who has not come back for so long has closed the page, and their place in the queue is given away."""


class Pace:
    """Lets so many people through in any minute, in the order in which they came. May be used from many threads."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._gone: deque[datetime] = deque()
        self._queue: dict[str, datetime] = {}
        self._through: dict[str, datetime] = {}
        self._lock = Lock()

    def place(self, person: str, now: datetime) -> int:
        """0: they may go now. Else how many are let through up to them, themselves included; they ask again soon."""
        with self._lock:
            while self._gone and now - self._gone[0] >= MINUTE:
                self._gone.popleft()
            self._through = {who: at for who, at in self._through.items() if now - at < _AGAIN}
            if person in self._through:
                return 0
            self._queue = {who: at for who, at in self._queue.items() if who == person or now - at < _LEFT_AFTER}
            self._queue[person] = now  # keeps its place: a dictionary's order is that of its first insertion
            place = [*self._queue].index(person) + 1
            if place > self._per_minute - len(self._gone):
                return place
            del self._queue[person]
            self._gone.append(now)
            self._through[person] = now
            return 0

    def wait(self, place: int, now: datetime) -> timedelta:
        """How long whoever has this place waits, about."""
        with self._lock:
            free = self._per_minute - len(self._gone)
            rounds, rest = divmod(max(place - free - 1, 0), self._per_minute)
            first = self._gone[rest] + MINUTE - now if rest < len(self._gone) else timedelta(0)
            return max(first, timedelta(0)) + rounds * MINUTE


class Failures:
    """Counts wrong codes in the last minute. What is right is never refused for what others got wrong."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._failed: deque[datetime] = deque(maxlen=most + 1)
        self._lock = Lock()

    def add(self, now: datetime) -> bool:
        """One more; whether there were too many."""
        with self._lock:
            while self._failed and now - self._failed[0] >= MINUTE:
                self._failed.popleft()
            self._failed.append(now)
            return len(self._failed) > self._most
