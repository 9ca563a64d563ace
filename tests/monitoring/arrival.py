"""How people come in a simulated workshop: when each asked, got a provisioner, and had an agent."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass

from tests.monitoring.samples import Samples, series


@dataclass(frozen=True)
class Start:
    """One person's start, in seconds of the workshop."""

    region: str
    asked: float
    begun: float
    built: float
    ready: float


def queued(
    asked: Iterable[float], builds: Iterable[float], provisioners: int, agent: float, region: str
) -> list[Start]:
    """Starts of one region; builds: how long each takes."""
    free = [0.0] * provisioners
    starts: list[Start] = []
    for at, takes in zip(sorted(asked), builds, strict=True):
        begun = max(at, heapq.heappop(free))
        heapq.heappush(free, begun + takes)
        starts.append(Start(region, at, begun, begun + takes, begun + takes + agent))
    return starts


def provisioner_samples(starts: list[Start], organization: str, region: str, provisioners: int, now: float) -> Samples:
    """What the exporter says of one region's queue."""
    of = {"organization": organization, "region": region}
    pending = [one.asked for one in starts if one.asked <= now < one.begun]
    busy = sum(one.begun <= now < one.built for one in starts)
    ready = [one.ready - one.asked for one in starts if now - 900 <= one.ready <= now]
    samples = {
        series("workshop_provisioners", **of, status="busy"): busy,
        series("workshop_provisioners", **of, status="idle"): provisioners - busy,
        series("workshop_provisioner_jobs", **of, status="pending"): len(pending),
        series("workshop_provisioner_jobs", **of, status="running"): busy,
        series("workshop_provisioner_oldest_pending_seconds", **of): now - min(pending) if pending else 0,
    }
    if ready:
        samples[series("workshop_workspace_start_seconds", region=region)] = sum(ready) / len(ready)
    return samples
