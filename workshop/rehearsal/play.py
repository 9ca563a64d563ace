"""People come: each has a build on a provisioner, then a workspace, whose disk fills; what comes of it is watched."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final

from workshop.model.rehearsal.departures import departures
from workshop.model.rehearsal.rehearsal import Rehearsal
from workshop.model.rehearsal.verdict import RegionSeen, Sample
from workshop.rehearsal.mishaps import strike
from workshop.rehearsal.region import DISK_GROWS_FOR_SECONDS, Region, region_of
from workshop.rehearsal.stage import Stage

_EVICTION_SECONDS: Final = 30
"""Of the event, after which a kubelet has looked at a full disk, and a pod is gone."""

_FILLINGS: Final = 2
"""How often disks have time to fill before the end."""

_LOOK_SECONDS: Final = 0.25
_PATIENCE_SECONDS: Final = 90
"""Real seconds without anything new after which what waits still is taken for stuck."""

_REFUSED_SECONDS: Final = 45
"""The same, where Karpenter has said of each why it starts no node: it looks again, and what was late may be there."""

_GOING_SECONDS: Final = 60
"""Real seconds that pods have to go after everybody has left."""


@dataclass(frozen=True, kw_only=True)
class Played:
    """What was seen. samples: one each time that anything had changed."""

    regions: Mapping[str, RegionSeen]
    samples: tuple[Sample, ...]


def play(stage: Stage, rehearsal: Rehearsal, say: Callable[[str], None]) -> Played:
    """Plays the arrival until every workspace runs on a full disk, or nothing has happened for a while; then all leave.

    Where something goes wrong, they stay: how they fare then is what one wants to see.
    """
    regions = [region_of(rehearsal, name, stage.stores[name]) for name in rehearsal.regions]
    last_build = max((person.built for region in regions for person in region.people), default=0.0) / rehearsal.speed
    begun = last_news = time.monotonic()
    samples: list[Sample] = []
    has_struck = False
    with ThreadPoolExecutor(max_workers=8) as pool:
        while True:
            _end_builds(regions, time.monotonic() - begun, rehearsal.speed, pool)
            now = _look(regions, begun, rehearsal.speed, pool)
            if not samples or replace(now, at_seconds=samples[-1].at_seconds) != samples[-1]:
                last_news = time.monotonic()
                samples.append(now)
                say(f"{now.running} of {rehearsal.users} workspaces run, on {now.nodes} nodes")
            all_run = now.running == sum(len(region.people) for region in regions)
            if all_run and not has_struck:
                strike(stage, rehearsal, regions[0], say)
                has_struck, last_news = True, time.monotonic()
                continue
            filled = (DISK_GROWS_FOR_SECONDS + _EVICTION_SECONDS) / rehearsal.speed
            started = [person.started for region in regions for person in region.people]
            # Where disks are too small, whoever is evicted starts again and is evicted again, for ever.
            last = max((one or math.inf for one in started), default=math.inf)
            has_been_full = time.monotonic() - begun > last + _FILLINGS * filled
            silent = time.monotonic() - max(last_news, begun + last_build)
            if (
                has_been_full
                or silent > (filled if all_run else _PATIENCE_SECONDS)
                or (not all_run and silent > _REFUSED_SECONDS and all(region.is_refused() for region in regions))
            ):
                break
            time.sleep(_LOOK_SECONDS)
        seen = {one.name: one.seen() for one in regions}
        samples.append(now)
        if rehearsal.fault is None:
            say("people leave")
            samples += leave(regions, begun, rehearsal, pool)
            seen = {one.name: one.seen_after(seen[one.name]) for one in regions}
    return Played(regions=seen, samples=tuple(samples))


def leave(regions: Sequence[Region], begun: float, rehearsal: Rehearsal, pool: ThreadPoolExecutor) -> Iterator[Sample]:
    """Workspaces stop, each at its moment, until no pod of theirs is there, or pods have had time to go."""
    there = [(region, person) for region in regions for person in region.people if person.created is not None]
    leaving = sorted(zip(departures(len(there), rehearsal.seed), there, strict=True), key=lambda one: one[0])
    first, speed = time.monotonic(), rehearsal.speed
    last = first + (leaving[-1][0] if leaving else 0.0) / speed
    while leaving or any(region.pods for region in regions):
        now = time.monotonic()
        if now > last + _GOING_SECONDS:
            return
        due = [one for moment, one in leaving if moment <= (now - first) * speed]
        for gone in [pool.submit(region.leave, person) for region, person in due]:
            gone.result()
        del leaving[: len(due)]
        yield _look(regions, begun, speed, pool)
        time.sleep(_LOOK_SECONDS)


def _look(regions: Sequence[Region], begun: float, speed: int, pool: ThreadPoolExecutor) -> Sample:
    for seen in [pool.submit(region.look, time.monotonic() - begun) for region in regions]:
        seen.result()
    return _sample(regions, (time.monotonic() - begun) * speed)


def _end_builds(regions: Sequence[Region], now: float, speed: int, pool: ThreadPoolExecutor) -> None:
    """Makes the workspaces whose builds have ended. now: real seconds from the first click."""
    ended = [
        (region, person)
        for region in regions
        for person in region.people
        if person.created is None and person.built <= now * speed
    ]
    for _, person in ended:
        person.created = now
    for made in [pool.submit(region.create, person) for region, person in ended]:
        made.result()


def _sample(regions: Sequence[Region], at_seconds: float) -> Sample:
    people = [person for region in regions for person in region.people]
    left, running = sum(one.has_left for one in people), sum(one.is_running and not one.has_left for one in people)
    made = sum(one.created is not None for one in people)
    begun = sum(one.begun <= at_seconds for one in people)
    return Sample(
        at_seconds=round(at_seconds),
        queued=sum(one.click <= at_seconds for one in people) - begun,
        building=max(0, begun - made),
        waiting=made - running - left,
        running=running,
        left=left,
        nodes=sum(len(region.nodes) for region in regions),
        evicted=sum(len(region.evicted) for region in regions),
    )
