"""window-over: a window that is over has been deployed. Any other one has last year's date, or another mistake in it.

`up` after an event takes the hold back and is let through: a node pool says for which window it was deployed, and one
that overlaps the settings' (shortened since, to end early) was deployed too.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from workshop.model.findings import Finding
from workshop.model.names import WINDOW_ANNOTATION
from workshop.model.observations import Assumed, ExistingObject, Found, Observation, Observations
from workshop.model.plan.plan import Plan
from workshop.model.settings.commands import remove_command, set_command
from workshop.model.settings.stack import Scope, Settings
from workshop.model.settings.window import Window
from workshop.model.window.phases import Phase, moment, read_interval

NAME: Final = "window-over"


def check(settings: Settings, plan: Plan, observations: Observations) -> Iterator[Finding]:
    """Looks for the window in what the node pools say; without an answer, adoption refuses already."""
    window = settings.window
    if settings.scope is not Scope.ALL or window is None or plan.phase is not Phase.AFTER:
        return
    pools = [region.node_pool for region in observations.regions.values()]
    if any(isinstance(pool, Assumed) or _was_deployed_for(window, pool) for pool in pools):
        return
    looked_at = max(pool.observed_at for pool in pools if not isinstance(pool, Assumed))
    start = _next(window.start, looked_at).isoformat(timespec="minutes")
    yield Finding(
        rule=NAME,
        resource="workshop:window",
        problem=f"it closed {moment(window.closes_at)}, and nothing was deployed for it",
        why="there would be no room for the event's users",
        fix=f"{set_command(('window', 'start'), start)}, or without an event {remove_command(('window',))}",
    )


def _was_deployed_for(window: Window, pool: Observation[ExistingObject]) -> bool:
    written = pool.value.annotations.get(WINDOW_ANNOTATION, "") if isinstance(pool, Found) else ""
    deployed = read_interval(written)
    return deployed is not None and deployed[0] < window.closes_at and window.opens_at < deployed[1]


def _next(start: datetime, now: datetime) -> datetime:
    """The same date when it comes next; 28 February for the 29th, which not every year has."""
    day = 28 if (start.month, start.day) == (2, 29) else start.day
    this_year = start.replace(year=now.year, day=day)
    return this_year if this_year > now else this_year.replace(year=now.year + 1)
