"""How often one address may ask for one path, whoever asks: Coder counts in whole minutes, before it looks at a key."""

from __future__ import annotations

from typing import Final

from workshop.sandbox.servers.coder.refusals import Refusal

FILES_LIMIT: Final = 12
"""For one file (record 808)."""

_MINUTE: Final = 60.0


class RateLimits:
    """Counts in memory, as Coder does; a new server starts at nought."""

    def __init__(self) -> None:
        self._minute = 0.0
        self._counts: dict[tuple[str, str], int] = {}

    def count(self, address: str, path: str, limit: int, now: float) -> dict[str, str]:
        """Counts one request; answers the headers that say how many are left. Raises Refusal for one too many.

        now: seconds since the epoch, by the sandbox's clock.
        """
        minute = now - now % _MINUTE
        if minute != self._minute:
            self._minute, self._counts = minute, {}
        key = (address, path)
        self._counts[key] = count = self._counts.get(key, 0) + 1
        headers = {
            "X-Ratelimit-Limit": str(limit),
            "X-Ratelimit-Remaining": str(max(0, limit - count)),
            "X-Ratelimit-Reset": str(int(minute + _MINUTE)),
        }
        if count > limit:
            message = f"You've been rate limited for sending more than {limit} requests in 1m0s."
            refusal = Refusal(429, message, retry_after=int(_MINUTE))
            refusal.headers.update(headers)
            raise refusal
        return headers
