"""How often a path may be called: below the limit that Coder sets for each path and address, all its users together."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from threading import Lock
from typing import Final

CALLS_A_MINUTE: Final = 240
"""Coder lets 512 through. It weighs the last whole minute and the present one as if calls were spread evenly
(go-chi/httprate), so only half the limit is safe whenever calls come."""

_WINDOW_SECONDS: Final = 60.0


class Pace:
    """Calls of the last minute, by path. clock: seconds that only grow."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = Lock()
        self._calls: deque[tuple[float, str]] = deque()
        self._count: Counter[str] = Counter()
        self._closed: dict[str, float] = {}

    def take(self, path: str) -> float:
        """0 if the path may be called now, which counts as a call; else the seconds to wait."""
        with self._lock:
            now = self._clock()
            self._forget(now)
            if path in self._closed:
                return self._closed[path] - now
            if self._count[path] >= CALLS_A_MINUTE:
                oldest = next(at for at, called in self._calls if called == path)
                return oldest + _WINDOW_SECONDS - now
            self._calls.append((now, path))
            self._count[path] += 1
            return 0.0

    def close(self, path: str, seconds: float) -> None:
        """Let nobody call the path for so long: Coder said so."""
        with self._lock:
            self._closed[path] = self._clock() + seconds

    def _forget(self, now: float) -> None:
        while self._calls and self._calls[0][0] + _WINDOW_SECONDS <= now:
            _, path = self._calls.popleft()
            self._count[path] -= 1
        self._closed = {path: until for path, until in self._closed.items() if until > now}
