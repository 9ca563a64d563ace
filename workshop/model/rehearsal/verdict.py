"""What a rehearsal showed, beside what the plan had said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import fmean
from typing import Final

from workshop.model.plan.arrival import Crowd, Start, organization_of_seats, percentile_95, simulate
from workshop.model.plan.cost import nodes_usd_per_hour
from workshop.model.plan.storage import free_percent
from workshop.model.plan.workloads import Deployment, planned_replicas, region_workloads
from workshop.model.rehearsal.queue import Observed, QueueLine, Scaler, queue_lines
from workshop.model.rehearsal.rehearsal import Rehearsal
from workshop.model.settings.arrival import Arrival

MOST_FAILURES_PERCENT: Final = 2
"""Success target of the postmortem of September 2024: fewer than 2 % of starts fail."""


FELT: Final = frozenset({"workspaces running", "workspaces evicted"})
"""Figures that people notice; others are whoever pays's."""

WAITS: Final = frozenset({"queue, p95", "start, mean", "start, last"})
"""Figures of how long people wait."""


@dataclass(frozen=True, kw_only=True)
class RegionSeen:
    """What happened in one region.

    starts: of workspaces that came to run, in seconds of the event's time; running: of those, how many do in the end.
    provisioners: that stood ready; ready: pods of every Deployment that the plan counts, by namespace and name. nodes:
    that Karpenter launched, by name: instance type, and workspaces on it in the end. with_images: nodes that had what
    workspaces run before anybody's did. pending: why pods wait still, in the scheduler's and Karpenter's words, and
    evicted: why they lost their place, a sentence each with how many. scaler: where provisioners follow the queue.
    keys: Secrets that hold LiteLLM's key, and how many of these keys it takes, where that was looked at. left_over and
    kept: pods of workspaces, and nodes of these, that were there still once everybody had left, where people did.
    notes: what else there is to say, a sentence each.
    """

    starts: tuple[Start, ...]
    running: int
    provisioners: int
    nodes: Mapping[str, tuple[str, int]]
    with_images: int
    ready: Mapping[str, int]
    pending: Mapping[str, int]
    evicted: Mapping[str, int]
    scaler: Scaler | None = None
    keys: tuple[int, int] | None = None
    left_over: int | None = None
    kept: int | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Sample:
    """All regions at one moment. at_seconds: of the event, from the first click, as fast as it was played.

    queued: whose build waits for a provisioner; building: whose build runs; waiting: whose pod does not run; left: who
    is done; evicted: pods that had to go until then.
    """

    at_seconds: int
    queued: int
    building: int
    waiting: int
    running: int
    left: int
    nodes: int
    evicted: int


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One figure of one region, as predicted and as observed. passed: None where nothing was promised."""

    region: str
    name: str
    predicted: str
    observed: str
    passed: bool | None


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """All figures; by region why pods wait, and why they lost their place, and how long people wait; and what else."""

    figures: tuple[Figure, ...]
    queues: Mapping[str, tuple[QueueLine, ...]]
    pending: Mapping[str, Mapping[str, int]]
    evicted: Mapping[str, Mapping[str, int]]
    notes: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether nothing that was promised was missed."""
        return not self.missed

    @property
    def missed(self) -> frozenset[str]:
        """Names of figures that were missed anywhere."""
        return frozenset(one.name for one in self.figures if one.passed is False)


def is_as_expected(rehearsal: Rehearsal, verdict: Verdict) -> bool:
    """Whether nothing was missed but what the fault makes one miss; how long people wait then is not promised."""
    expected = rehearsal.expected
    if expected is None:
        return verdict.passed
    missed = verdict.missed - WAITS
    return missed <= expected.misses and (expected.is_survived or bool(missed & FELT))


def judge(rehearsal: Rehearsal, seen: Mapping[str, RegionSeen]) -> Verdict:
    """Judges each region that has users."""
    figures = [figure for name, region in seen.items() for figure in _figures(rehearsal, name, region)]
    return Verdict(
        figures=tuple(figures),
        queues={name: _queue(rehearsal, name, region) for name, region in seen.items() if region.provisioners},
        pending={name: region.pending for name, region in seen.items()},
        evicted={name: region.evicted for name, region in seen.items()},
        notes=tuple(f"{name}: {note}" for name, region in seen.items() for note in region.notes),
    )


def _figures(rehearsal: Rehearsal, name: str, seen: RegionSeen) -> Iterator[Figure]:
    settings, plan = rehearsal.settings, rehearsal.plan.regions[name]

    def figure(what: str, predicted: str, observed: str, passed: bool | None) -> Figure:
        return Figure(region=name, name=what, predicted=predicted, observed=observed, passed=passed)

    users = rehearsal.users_in(name)
    failed_percent = 100 * (users - seen.running) / users
    yield figure("workspaces running", str(users), str(seen.running), failed_percent < MOST_FAILURES_PERCENT)
    provisioners = plan.provisioners.get(organization_of_seats(settings).name, 0)
    yield figure("provisioners ready", str(provisioners), str(seen.provisioners), seen.provisioners >= provisioners)
    yield figure("nodes", str(plan.nodes.nodes), str(len(seen.nodes)), len(seen.nodes) == plan.nodes.nodes)
    warm = plan.nodes.nodes if rehearsal.is_warm(name) else 0
    yield figure("nodes with images at the start", str(warm), str(seen.with_images), seen.with_images >= warm)
    cost = nodes_usd_per_hour(name, (kind for kind, _ in seen.nodes.values()), plan.nodes.volume_gib)
    yield figure("USD per hour", f"{plan.nodes.usd_per_hour:.2f}", f"{cost:.2f}", cost <= plan.nodes.usd_per_hour)
    evicted = sum(seen.evicted.values())
    yield figure("workspaces evicted", "0", str(evicted), not evicted)
    fullest = max((count for _, count in seen.nodes.values()), default=0)
    yield figure(
        "workspaces per node", str(plan.nodes.users_per_node), str(fullest), fullest <= plan.nodes.users_per_node
    )
    workspaces = settings.workspaces
    at_peak = fullest * workspaces.storage_gib + workspaces.images_and_logs_gib
    free = free_percent(rehearsal.volume_gib(name), at_peak)
    yield figure(
        "storage free at peak, %",
        f"{plan.nodes.headroom_percent:.1f}",
        f"{max(0.0, float(free)):.1f}",
        free > workspaces.headroom_percent,
    )
    for deployment, replicas in _others(rehearsal, name):
        ready = seen.ready.get(deployment.key, 0)
        yield figure(f"{deployment.key} ready", str(replicas), str(ready), ready >= replicas)
    types = {kind for kind, _ in seen.nodes.values()}
    yield figure(
        "instance types",
        ", ".join(workspaces.instance_types),
        ", ".join(sorted(types)),
        types <= {*workspaces.instance_types},
    )
    if seen.keys is not None:
        held, alive = seen.keys
        yield figure("keys that LiteLLM takes", str(held), str(alive), alive == held)
    if seen.left_over is not None:
        yield figure("pods after everybody left", "0", str(seen.left_over), not seen.left_over)
    if seen.kept is not None:
        launched = len(seen.nodes)
        yield figure("nodes after everybody left", str(launched), str(seen.kept), seen.kept == launched)
    if seen.starts:
        queue = seen.scaler and seen.scaler.builds
        predicted = simulate(settings.arrival, _crowd(rehearsal, name, seen), rehearsal.seed, queue)
        yield from _waits(name, predicted, seen.starts, settings.arrival)


def _others(rehearsal: Rehearsal, name: str) -> Iterator[tuple[Deployment, int]]:
    """Deployments of a region that build nobody's seat, and how many pods each has."""
    settings = rehearsal.settings
    region = next(one for one in settings.regions if one.name == name)
    seats = region_workloads(settings, region).provisioners.get(organization_of_seats(settings).name)
    for deployment, replicas in planned_replicas(settings, rehearsal.plan, region):
        if deployment != seats:
            yield deployment, replicas


def _queue(rehearsal: Rehearsal, name: str, seen: RegionSeen) -> tuple[QueueLine, ...]:
    observed = Observed(
        crowd=_crowd(rehearsal, name, seen), seed=rehearsal.seed, starts=seen.starts, scaler=seen.scaler
    )
    return queue_lines(rehearsal.settings.arrival, observed)


def _crowd(rehearsal: Rehearsal, name: str, seen: RegionSeen) -> Crowd:
    plan = rehearsal.plan.regions[name].nodes
    return Crowd(
        users=rehearsal.users_in(name),
        provisioners=seen.provisioners,
        seats_per_node=plan.users_per_node,
        is_warm=rehearsal.is_warm(name),
        has_images=rehearsal.is_warm(name),
    )


def _waits(region: str, predicted: tuple[Start, ...], seen: tuple[Start, ...], targets: Arrival) -> Iterator[Figure]:
    """What was promised is the targets; the prediction stands beside it."""

    def figure(name: str, was: float, found: float, target: float | None) -> Figure:
        passed = None if target is None else found <= target
        return Figure(region=region, name=name, predicted=f"{was:.0f} s", observed=f"{found:.0f} s", passed=passed)

    was, queue = (percentile_95(one.queue for one in starts) for starts in (predicted, seen))
    yield figure("queue, p95", was, queue, targets.queue_target_seconds)
    was, mean = (fmean(one.total for one in starts) for starts in (predicted, seen))
    yield figure("start, mean", was, mean, targets.start_target_seconds)
    yield figure("start, last", max(one.total for one in predicted), max(one.total for one in seen), None)
