"""How long people wait for their workspaces when they come: a discrete-event simulation, the same for the same seed.

A burst is no steady state, so no formula of queues is used. Exact where all come at once and every build takes the same
time: the last of n builds on c provisioners ends after ceil(n / c) builds.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from random import Random
from statistics import fmean
from typing import Final, TypeAlias

from workshop.model.plan.plan import Plan, plan_of_event
from workshop.model.settings.arrival import Arrival
from workshop.model.settings.stack import Organization, Settings

SEEDS: Final = range(20)
"""Of the runs that a prediction takes together; the same every time, so that the same settings give the same plan."""

Arrivals: TypeAlias = Sequence[tuple[float, float]]
"""When each clicks, in order, in seconds from the first moment, and how long each one's build takes."""

Queue: TypeAlias = Callable[[Arrivals], Iterable[tuple[float, float, float]]]
"""When each clicked, when the build began and how long it took."""


@dataclass(frozen=True, kw_only=True)
class Crowd:
    """Who comes to one region and what is there. seats_per_node: workspaces that share a node.

    is_warm: nodes stand ready. has_images: the images are on them.
    """

    users: int
    provisioners: int
    seats_per_node: int
    is_warm: bool
    has_images: bool


@dataclass(frozen=True, kw_only=True)
class Start:
    """One start from click to agent, or the average of several: seconds in each stage."""

    queue: float
    build: float
    bind: float
    pull: float
    agent: float

    @property
    def total(self) -> float:
        """From click to agent."""
        return sum(astuple(self))


@dataclass(frozen=True, kw_only=True)
class RegionArrival:
    """What people of one region meet. Times are seconds.

    users: whose builds its provisioners run. needed: the smallest number of provisioners with which targets are met,
    None where no number is enough. queue_p95: the longest wait for a provisioner but for the slowest 5 %. mean: of a
    start, stage by stage. slowest: the longest start in any run.
    """

    users: int
    provisioners: int
    needed: int | None
    queue_p95: float
    mean: Start
    slowest: float
    meets_targets: bool


@dataclass(frozen=True, kw_only=True)
class ArrivalPlan:
    """What people meet. organization: whose provisioners build their workspaces. regions: those with provisioners."""

    organization: str
    regions: Mapping[str, RegionArrival]


def plan_arrival(settings: Settings) -> ArrivalPlan:
    """What people meet at the event, whatever the time is now. Raises Refused where there is no plan at all."""
    return ArrivalPlan(
        organization=organization_of_seats(settings).name,
        regions={name: predict(settings.arrival, crowd) for name, crowd in crowds(settings).items()},
    )


def crowds(settings: Settings) -> Mapping[str, Crowd]:
    """Who comes to each region with provisioners, and what is there. Raises Refused where there is no plan at all."""
    plan = plan_of_event(settings)
    organization = organization_of_seats(settings).name
    return {
        name: Crowd(
            users=users,
            provisioners=plan.regions[name].provisioners[organization],
            seats_per_node=plan.regions[name].nodes.users_per_node,
            is_warm=settings.window is not None,
            has_images=settings.window is not None and bool(settings.arrival.images),
        )
        for name, users in _builds(plan).items()
        if users
    }


def organization_of_seats(settings: Settings) -> Organization:
    """The organization of the event's template; the default one where there is none."""
    named = settings.event.template.partition("/")[0] if settings.event else None
    return next((one for one in settings.organizations if one.name == named), settings.default_organization)


def _builds(plan: Plan) -> Mapping[str, int]:
    """Users whose builds each region's provisioners run. A region without any burdens the busiest that has some."""
    hosts = {name: region.nodes.users for name, region in plan.regions.items() if region.provisioners}
    if hosts:
        busiest = max(hosts, key=lambda name: hosts[name])
        hosts[busiest] += sum(region.nodes.users for region in plan.regions.values() if not region.provisioners)
    return hosts


def predict(arrival: Arrival, crowd: Crowd, seeds: Sequence[int] = SEEDS) -> RegionArrival:
    """What a crowd meets, over all runs together, and how many provisioners it needs."""
    runs = [simulate(arrival, crowd, seed) for seed in seeds]
    starts = [start for run in runs for start in run]
    return RegionArrival(
        users=crowd.users,
        provisioners=crowd.provisioners,
        needed=needed(arrival, crowd, seeds),
        queue_p95=percentile_95(start.queue for start in starts),
        mean=_mean(starts),
        slowest=max(start.total for start in starts),
        meets_targets=meets_targets(arrival, starts),
    )


def needed(arrival: Arrival, crowd: Crowd, seeds: Sequence[int] = SEEDS) -> int | None:
    """The smallest number of provisioners with which the targets are met; None where even one each is not enough."""
    least, most = 1, crowd.users
    if not _is_enough(arrival, crowd, most, seeds):
        return None
    while least < most:  # more provisioners never make anyone wait longer
        middle = (least + most) // 2
        if _is_enough(arrival, crowd, middle, seeds):
            most = middle
        else:
            least = middle + 1
    return most


def simulate(arrival: Arrival, crowd: Crowd, seed: int, queue: Queue | None = None) -> tuple[Start, ...]:
    """One run, in the order in which builds end. Provisioners take one build at a time, the oldest first.

    queue: instead of a fixed number of provisioners.
    """
    arrivals = clicks_and_builds(arrival, crowd.users, seed)
    builds = builds_on(crowd.provisioners, arrivals) if queue is None else queue(arrivals)
    built = sorted((begun + build, begun - click, build) for click, begun, build in builds)
    return tuple(_on_nodes(arrival, crowd, built, seed))


def builds_on(provisioners: int, arrivals: Arrivals) -> Iterator[tuple[float, float, float]]:
    """A Queue of so many provisioners."""
    free = [0.0] * provisioners
    for click, build in arrivals:
        begun = max(click, free[0])
        heapq.heapreplace(free, begun + build)
        yield click, begun, build


def _clicks(arrival: Arrival, users: int, chance: Random) -> list[float]:
    """Seconds after the first minute begins, in order."""
    if arrival.per_minute:
        minutes = chance.choices(range(len(arrival.per_minute)), weights=arrival.per_minute, k=users)
        return sorted(60 * minute + chance.uniform(0, 60) for minute in minutes)
    within = arrival.within.total_seconds()
    return sorted(chance.uniform(0, within) for _ in range(users))


def clicks_and_builds(arrival: Arrival, users: int, seed: int) -> Arrivals:
    """So many people by these dice."""
    chance = Random(seed)  # noqa: S311 - no secret
    clicks = _clicks(arrival, users, chance)
    return tuple((click, _log_normal(arrival.build_seconds, arrival.build_spread_percent, chance)) for click in clicks)


def boots(arrival: Arrival, nodes: int, seed: int) -> tuple[float, ...]:
    """How many seconds each of so many new nodes takes until it is Ready, by these dice."""
    chance = Random(f"{seed} nodes")  # noqa: S311 - no secret
    return tuple(_log_normal(arrival.node_boot_seconds, arrival.node_boot_spread_percent, chance) for _ in range(nodes))


def percentile_95(values: Iterable[float]) -> float:
    """The smallest value that 95 % of them do not exceed."""
    return percentile(values, 95)


def percentile(values: Iterable[float], percent: int) -> float:
    """The smallest value that so many percent of them do not exceed."""
    ordered = sorted(values)
    return ordered[math.ceil(len(ordered) * percent / 100) - 1]


def meets_targets(arrival: Arrival, starts: Sequence[Start]) -> bool:
    """Whether they wait for provisioners, and start, as fast as is promised."""
    queue = percentile_95(start.queue for start in starts)
    return queue <= arrival.queue_target_seconds and _mean(starts).total <= arrival.start_target_seconds


def _is_enough(arrival: Arrival, crowd: Crowd, provisioners: int, seeds: Sequence[int]) -> bool:
    wanted = replace(crowd, provisioners=provisioners)
    return meets_targets(arrival, [start for seed in seeds for start in simulate(arrival, wanted, seed)])


def _log_normal(mean: int, spread_percent: int, chance: Random) -> float:
    """Never below 0, with a few long ones, as times of work are. spread_percent: standard deviation, of the mean."""
    if not mean or not spread_percent:
        return float(mean)
    variance = math.log(1 + (spread_percent / 100) ** 2)
    return chance.lognormvariate(math.log(mean) - variance / 2, math.sqrt(variance))


def _on_nodes(
    arrival: Arrival, crowd: Crowd, built: Sequence[tuple[float, float, float]], seed: int
) -> Iterable[Start]:
    """Karpenter fills a new node before it starts another; the scheduler spreads pods over nodes that stand ready."""
    nodes = math.ceil(crowd.users / crowd.seats_per_node)
    pull = 0.0 if crowd.has_images else arrival.image_gib * 1024 / arrival.pull_mib_per_second
    boot = () if crowd.is_warm else boots(arrival, nodes, seed)
    ready: dict[int, float] = {}
    pulled: dict[int, float] = {}
    for place, (ended, queue, build) in enumerate(built):
        node = place % nodes if crowd.is_warm else place // crowd.seats_per_node
        bound = max(ended, ready.setdefault(node, 0 if crowd.is_warm else ended + boot[node]))
        started = max(bound, pulled.setdefault(node, bound + pull))
        yield Start(
            queue=queue, build=build, bind=bound - ended, pull=started - bound, agent=float(arrival.agent_seconds)
        )


def _mean(starts: Sequence[Start]) -> Start:
    queue, build, bind, pull, agent = (fmean(stage) for stage in zip(*map(astuple, starts), strict=True))
    return Start(queue=queue, build=build, bind=bind, pull=pull, agent=agent)
