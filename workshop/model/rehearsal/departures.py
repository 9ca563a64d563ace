"""When people leave: a few while the others still work, the others in the last part."""

from __future__ import annotations

from math import ceil
from random import Random
from typing import Final

EARLY_PERCENT: Final = 10
"""Of the people, who are done before the others or have to go (assumed)."""

WORKING_SECONDS: Final = 60
"""In which those leave while the others work. An hour or two of work is played in it: nothing else happens then."""

LAST_PART_SECONDS: Final = 30
"""In which the others leave, sooner than people do."""


def departures(people: int, seed: int) -> tuple[float, ...]:
    """Seconds of the event after which each leaves, from when all work on full disks; the same for the same dice.

    Each is drawn evenly within their part, as arrivals are.
    """
    chance = Random(f"{seed} departures")  # noqa: S311 - no secret
    early = {*chance.sample(range(people), ceil(people * EARLY_PERCENT / 100))}
    last = WORKING_SECONDS + LAST_PART_SECONDS
    return tuple(
        chance.uniform(0, WORKING_SECONDS) if person in early else chance.uniform(WORKING_SECONDS, last)
        for person in range(people)
    )
