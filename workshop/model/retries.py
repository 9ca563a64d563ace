"""How long to wait before a system that is busy or does not answer is asked again."""

from __future__ import annotations

import math
import re
from http import HTTPStatus
from typing import Final

LONGEST_WAIT_SECONDS: Final = 300
"""Cloudflare's own: after too many requests it answers none for five minutes."""

_BUSY_TRIES: Final = 8
_FAILED_TRIES: Final = 3
_SECONDS: Final = re.compile(r"[0-9]{1,9}(\.[0-9]+)?")


def seconds_to_wait(status: int | None, retry_after: str, tries: int) -> int | None:
    """Seconds until the same request may be sent again; None where it is answered, or enough was tried.

    status: of the answer, None for a time-out. retry_after: the header's text. tries: repeats until now.
    A second more than the header says: it is in whole seconds, and what is lost in rounding brings the next 429.
    """
    said = min(math.ceil(float(retry_after)), LONGEST_WAIT_SECONDS) + 1 if _SECONDS.fullmatch(retry_after) else None
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return (said or LONGEST_WAIT_SECONDS + 1) if tries < _BUSY_TRIES else None
    if status is None or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return (said or 2**tries) if tries < _FAILED_TRIES else None
    return None
