"""How long people wait with other numbers of provisioners: predicted as the plan does, and replayed with what was seen.

A replay takes the arrivals and builds that were played, and the times that were observed for what comes after a build:
node, image and agent. Where nodes stand ready these do not depend on the queue; where they do not, it is an estimate.
"""

from __future__ import annotations

import heapq
import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from workshop.model.plan.arrival import (
    SEEDS,
    Arrivals,
    Crowd,
    Start,
    builds_on,
    clicks_and_builds,
    meets_targets,
    percentile,
    simulate,
)
from workshop.model.plan.scaling import MARGIN, POLL_SECONDS
from workshop.model.settings.arrival import Arrival

PROVISIONER_SECONDS: Final = 10
"""From a provisioner that the autoscaler adds until it takes a build (assumed)."""


@dataclass(frozen=True, kw_only=True)
class Spread:
    """Seconds: of the middle one, of all but the slowest twentieth, and of the last."""

    p50: float
    p95: float
    last: float


@dataclass(frozen=True, kw_only=True)
class Wait:
    """What people met. queue: for a provisioner; start: from click to agent."""

    queue: Spread
    start: Spread
    meets_targets: bool


@dataclass(frozen=True, kw_only=True)
class QueueLine:
    """One number of provisioners. is_declared: the one that was played. observed: None where nobody started, and for
    nodes that were not played. scaled_to: as many at most, where they follow the queue."""

    provisioners: int
    is_declared: bool
    is_warm: bool
    predicted: Wait
    observed: Wait | None
    scaled_to: int | None = None


@dataclass(frozen=True, kw_only=True)
class Scaler:
    """Provisioners between these numbers, which follow the queue."""

    floor: int
    ceiling: int

    def builds(self, arrivals: Arrivals) -> Iterator[tuple[float, float, float]]:
        """A Queue; at each look of the autoscaler's as many are added as its formula asks for.

        None is taken away: that takes longer than people take to come.
        """
        clicks = [click for click, _ in arrivals]
        free, ended = [0.0] * self.floor, list[float]()
        made, look = self.floor, float(POLL_SECONDS)
        for click, build in arrivals:
            while look < max(click, free[0]):
                present = bisect_right(clicks, look) - sum(one <= look for one in ended)
                wanted = min(self.ceiling, math.ceil(present * MARGIN)) if present > made else made
                for _ in range(wanted - made):
                    heapq.heappush(free, look + PROVISIONER_SECONDS)
                made = max(made, wanted)
                look += POLL_SECONDS
            begun = max(click, free[0])
            heapq.heapreplace(free, begun + build)
            ended.append(begun + build)
            yield click, begun, build


@dataclass(frozen=True, kw_only=True)
class Observed:
    """What was seen of one region: starts, of whoever came to run, for a crowd that came by these dice."""

    crowd: Crowd
    seed: int
    starts: tuple[Start, ...]
    scaler: Scaler | None = None


def queue_lines(arrival: Arrival, seen: Observed) -> tuple[QueueLine, ...]:
    """One provisioner fewer, those that are declared, one more; and these without nodes that stand ready."""
    crowd = seen.crowd
    numbers = [number for number in range(crowd.provisioners - 1, crowd.provisioners + 2) if number]
    lines = [_line(arrival, seen, replace(crowd, provisioners=number)) for number in numbers]
    if crowd.is_warm:
        lines.append(_line(arrival, seen, replace(crowd, is_warm=False, has_images=False)))
    return tuple(lines)


def _line(arrival: Arrival, seen: Observed, crowd: Crowd) -> QueueLine:
    scaler = seen.scaler and replace(seen.scaler, floor=crowd.provisioners)
    predicted = [start for seed in SEEDS for start in simulate(arrival, crowd, seed, scaler and scaler.builds)]
    is_declared = crowd == seen.crowd
    observed = seen.starts if is_declared else tuple(_replayed(arrival, seen, crowd, scaler))
    return QueueLine(
        provisioners=crowd.provisioners,
        is_declared=is_declared,
        is_warm=crowd.is_warm,
        predicted=wait_of(arrival, predicted),
        observed=wait_of(arrival, observed) if observed and crowd.is_warm == seen.crowd.is_warm else None,
        scaled_to=scaler.ceiling if scaler else None,
    )


def _replayed(arrival: Arrival, seen: Observed, crowd: Crowd, scaler: Scaler | None) -> Iterator[Start]:
    arrivals = clicks_and_builds(arrival, crowd.users, seen.seed)
    builds = scaler.builds(arrivals) if scaler else builds_on(crowd.provisioners, arrivals)
    for place, (click, begun, build) in enumerate(builds):
        if not seen.starts:
            return
        after = seen.starts[place % len(seen.starts)]  # fewer than people, where some never ran
        yield replace(after, queue=begun - click, build=build)


def wait_of(arrival: Arrival, starts: Sequence[Start]) -> Wait:
    """Of some starts, at least one."""
    return Wait(
        queue=_spread(one.queue for one in starts),
        start=_spread(one.total for one in starts),
        meets_targets=meets_targets(arrival, starts),
    )


def _spread(values: Iterable[float]) -> Spread:
    ordered = sorted(values)
    return Spread(p50=percentile(ordered, 50), p95=percentile(ordered, 95), last=ordered[-1])
