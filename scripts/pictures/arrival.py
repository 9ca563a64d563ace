"""The picture of the wait in docs/arrival.md: how long one in 20 waits for a provisioner, for 8 to 15 of them."""

from __future__ import annotations

import sys
from typing import Final

from workshop.model.plan.arrival import Crowd, predict
from workshop.model.settings.arrival import Arrival

PROVISIONERS: Final = range(8, 16)
SEEDS: Final = range(100)
SECONDS_A_MARK: Final = 5
CASES: Final = ((30, "0m", "30 people at once"), (30, "3m", "30 within 3 minutes"), (60, "3m", "60 within 3 minutes"))


def picture() -> str:
    """A block a case, a line for each number of provisioners; ! where the target is missed."""
    return "\n\n".join(_case(users, within, title) for users, within, title in CASES) + "\n"


def _case(users: int, within: str, title: str) -> str:
    arrival = Arrival.model_validate({"within": within})
    lines = [f"{title}: seconds that one in 20 waits for a provisioner, {arrival.queue_target_seconds} are promised"]
    for provisioners in PROVISIONERS:
        crowd = Crowd(users=users, provisioners=provisioners, seats_per_node=3, is_warm=True, has_images=True)
        wait = predict(arrival, crowd, SEEDS).queue_p95
        mark = "!" if wait > arrival.queue_target_seconds else " "
        lines.append(f"{provisioners:4}  {wait:4.0f} {mark} {'#' * round(wait / SECONDS_A_MARK)}".rstrip())
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(picture())
