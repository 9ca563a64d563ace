"""People come: each has a build on a provisioner, then a workspace, whose disk fills; what comes of it is watched."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from workshop.model.rehearsal.faults import Fault
from workshop.model.rehearsal.rehearsal import Rehearsal
from workshop.model.rehearsal.verdict import RegionSeen
from workshop.rehearsal.region import DISK_GROWS_FOR_SECONDS, Region, region_of
from workshop.rehearsal.stage import Stage

_EVICTION_SECONDS: Final = 30
"""Of the event, after which a kubelet has looked at a full disk, and a pod is gone."""

_FILLINGS: Final = 2
"""How often disks have time to fill before the end."""

_LOOK_SECONDS: Final = 0.25
_PATIENCE_SECONDS: Final = 45
"""Real seconds without anything new after which what waits still is taken for stuck."""


def play(stage: Stage, rehearsal: Rehearsal, say: Callable[[str], None]) -> Mapping[str, RegionSeen]:
    """Plays the arrival until every workspace runs on a full disk, or nothing has happened for a while."""
    regions = [
        region_of(rehearsal, name, store)
        for name, store in stage.stores.items()
        if rehearsal.plan.regions[name].nodes.users
    ]
    begun = last_news = time.monotonic()
    before: tuple[int, ...] = ()
    lost = False
    with ThreadPoolExecutor(max_workers=8) as pool:
        while True:
            _end_builds(regions, time.monotonic() - begun, rehearsal.speed, pool)
            list(pool.map(lambda region: region.look(time.monotonic() - begun), regions))
            news = _news(regions)
            if news != before:
                last_news, before = time.monotonic(), news
                say(f"{news[0]} of {rehearsal.plan.users} workspaces run, on {news[2]} nodes")
            all_run = news[0] == sum(len(region.people) for region in regions)
            if all_run and rehearsal.fault is Fault.NODE_LOST and not lost:
                lost, last_news = True, time.monotonic()
                say("a node is lost")
                regions[0].lose_a_node()
                continue
            filled = (DISK_GROWS_FOR_SECONDS + _EVICTION_SECONDS) / rehearsal.speed
            started = [person.started for region in regions for person in region.people]
            # Where disks are too small, whoever is evicted starts again and is evicted again, for ever.
            last = max((one or math.inf for one in started), default=math.inf)
            has_been_full = time.monotonic() - begun > last + _FILLINGS * filled
            if has_been_full or time.monotonic() - last_news > (filled if all_run else _PATIENCE_SECONDS):
                return {region.name: region.seen() for region in regions}
            time.sleep(_LOOK_SECONDS)


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
    list(pool.map(lambda one: one[0].create(one[1]), ended))


def _news(regions: Sequence[Region]) -> tuple[int, ...]:
    """Workspaces that run, that were made, nodes, and pods that were evicted."""
    people = [person for region in regions for person in region.people]
    return (
        sum(person.is_running for person in people),
        sum(person.created is not None for person in people),
        sum(len(region.nodes) for region in regions),
        sum(len(region.evicted) for region in regions),
    )
